{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{# Without a refractory period, a loop over all neurons.
   With one, only the neurons that are refractory are asked whether they still are. All neurons are stepped
   as if they were not, without a branch; the few then get their values back and are stepped with
   the flag. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
{% if limit %}
namespace workbench { struct of_{{owner.name}}; }
{% endif %}
{% endblock %}

{% block before_code %}
{% if limit %}
workbench::forget_refractory();
{% else %}
// EMPTY_CODE_BLOCK: nothing to do
{% endif %}
{% endblock %}

{% block maincode %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const int32_t _N = {{constant_or_scalar('N', variables['N'])}};

    {% if limit %}
    workbench::Refractory& _refractory = workbench::RefractoryOf<workbench::of_{{owner.name}}>::it;
    std::vector<int32_t>& _few = _refractory.few;
    if (_refractory.must_test_all({{limit}}) || %{{owner.name}}_IS_WRITTEN_ELSEWHERE%)
    {
        _few.clear();
        for (int32_t _idx = 0; _idx < _N; _idx++)
        {
            {{test_code|autoindent}}
            if (!not_refractory) _few.push_back(_idx);
        }
    }
    else
    {
        size_t _kept = 0;
        for (size_t _k = 0; _k < _few.size(); _k++)
        {
            const int32_t _idx = _few[_k];
            {{test_code|autoindent}}
            if (!not_refractory) _few[_kept++] = _idx;
        }
        _few.resize(_kept);
    }
    {% endif %}
    {% if put_back %}
    const size_t _n_few = _few.size();
    {% for type, array in put_back %}
    static std::vector<{{type}}> _old{{array}};
    _old{{array}}.resize(_n_few);
    for (size_t _k = 0; _k < _n_few; _k++) _old{{array}}[_k] = {{array}}[_few[_k]];
    {% endfor %}
    {% endif %}
    {% if independent %}
    #pragma GCC ivdep
    {% endif %}
    for (int32_t _idx = 0; _idx < _N; _idx++)
    {
        const int32_t _vectorisation_idx = _idx;
        {% if limit %}
        const char not_refractory = true;
        {% endif %}
        {{free_code|autoindent}}
    }
    {% if put_back %}
    {% for type, array in put_back %}
    for (size_t _k = 0; _k < _n_few; _k++) {{array}}[_few[_k]] = _old{{array}}[_k];
    {% endfor %}
    for (size_t _k = 0; _k < _n_few; _k++)
    {
        const int32_t _idx = _few[_k];
        const int32_t _vectorisation_idx = _idx;
        const char not_refractory = false;
        {{free_code|autoindent}}
    }
    {% endif %}
{% endblock %}
