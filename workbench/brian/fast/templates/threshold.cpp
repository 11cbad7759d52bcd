{# USES_VARIABLES { N } #}
{# Neurons are compared in blocks without a branch, unless the state update did so already
   (crossing.py reads what stands between the comments); only in a block in which one is above
   threshold each is looked at, with its refractoriness. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
namespace workbench { struct of_{{owner.name}}; }
{% endblock %}

{% block maincode %}
    {% set _events = get_array_name(eventspace_variable) %}
    const int _vectorisation_idx = -1;
    // what is the same for all:
    {{scalar_code|autoindent}}
    // and now each

    workbench::Refractory& _refractory = workbench::RefractoryOf<workbench::of_{{owner.name}}>::it;
    const bool _looked = _refractory.looked;
    _refractory.looked = false;
    int32_t _count = 0;
    for (int32_t _from = 0; _from < N; _from += {{block_size}})
    {
        if (_looked && !_refractory.maybe[_from / {{block_size}}]) continue;
        const int32_t _to = _from + {{block_size}} < N ? _from + {{block_size}} : N;
        {{mask_type}} _any = 0;
        for (int32_t _idx = _from; _idx < _to; _idx++)
        {
            const int32_t _vectorisation_idx = _idx;
            const char not_refractory = true;
            // which may be above:
            {{mask_code|autoindent}}
            // found
            _any |= _cond;
        }
        if (!_any) continue;
        for (int32_t _idx = _from; _idx < _to; _idx++)
        {
            const int32_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            if (!_cond) continue;
            {{_events}}[_count++] = _idx;
            {% if _uses_refractory %}
            {{not_refractory}}[_idx] = false;
            {{lastspike}}[_idx] = {{t}};
            _refractory.add(_idx);
            {% endif %}
        }
    }
    {{_events}}[N] = _count;
{% endblock %}

{% block after_code %}
{{get_array_name(eventspace_variable)}}[N] = 0;  // the array has N + 1 entries
{% endblock %}
