{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{# Without a refractory period, a loop over all neurons.
   With one, the neurons that are refractory stand in a list in the order of their spikes, so that only
   its first ones are asked whether they still are. What the flag decides is calculated for these few
   beforehand; then all are stepped as if none were refractory, without a branch, and the few
   get their own values. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
namespace workbench { struct of_{{owner.name}}; }
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
    const bool _always_all = %{{owner.name}}_IS_WRITTEN_ELSEWHERE%;
    if (_refractory.must_test_all({{limit}}) || _always_all)
    {
        _refractory.clear();
        for (int32_t _idx = 0; _idx < _N; _idx++)
        {
            {{test_code|autoindent}}
            if (!not_refractory) _few.push_back(_idx);
        }
        if (!_always_all) _refractory.order_by({{last_spikes}});
    }
    else
    {
        for (; _refractory.first < _few.size(); _refractory.first++)
        {
            const int32_t _idx = _few[_refractory.first];
            {{test_code|autoindent}}
            if (!not_refractory) break;
        }
        _refractory.shorten();
    }
    {% endif %}
    {% if decided %}
    const int32_t* const _who = _few.data() + _refractory.first;
    const size_t _n_few = _few.size() - _refractory.first;
    {% for type, array, name in decided %}
    static std::vector<{{type}}> _own{{array}};
    _own{{array}}.resize(_n_few);
    {% endfor %}
    for (size_t _k = 0; _k < _n_few; _k++)
    {
        const int32_t _idx = _who[_k];
        const int32_t _vectorisation_idx = _idx;
        const char not_refractory = false;
        {{decided_code|autoindent}}
        {% for type, array, name in decided %}
        _own{{array}}[_k] = {{name}};
        {% endfor %}
    }
    {% endif %}
    {
    %CROSSING_BEFORE%
    for (int32_t _from = 0; _from < _N; _from += %CROSSING_STRIDE%)
    {
        const int32_t _to = %CROSSING_STRIDE% < _N - _from ? _from + %CROSSING_STRIDE% : _N;
        %CROSSING_ANY%
        {% if independent %}
        #pragma GCC ivdep
        {% endif %}
        for (int32_t _idx = _from; _idx < _to; _idx++)
        {
            const int32_t _vectorisation_idx = _idx;
            const char not_refractory = true;
            {{free_code|autoindent}}
            %CROSSING_EACH%
        }
        %CROSSING_AFTER%
    }
    }
    {% for type, array, name in decided %}
    for (size_t _k = 0; _k < _n_few; _k++) {{array}}[_who[_k]] = _own{{array}}[_k];
    {% endfor %}
{% endblock %}
