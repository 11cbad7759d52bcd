{# What a spike does to its synapses, in the order of Brian2's queue: those of a source after those of
   another, of which all is read and written once; or, where delays differ, each as it comes.
   Without spikes, what is the same for all synapses is not calculated.
   Where the compiler may reorder sums it must not see that all synapses add to one number: it
   would round otherwise than with Brian2's template. #}
{% extends 'common_synapses.cpp' %}

{% macro _listed(arrays) %}
const int32_t _idx = _piece.list[_place];
                {% for array in arrays %}
                WORKBENCH_SOON({{array}} + _piece.list[_place + SynapticPathway::AHEAD]);
                {% endfor %}
{% endmacro %}

{% macro _of_one_source(code, place, idx, other) %}
            {{code.before|autoindent}}
            for (int32_t {{place}} = _piece.begin; {{place}} < _piece.end; {{place}}++)
            {
                {{idx}}
                const int32_t _vectorisation_idx = _idx;
                {% for name, (array, index) in code.others.items() %}
                const int32_t {{name}} = {{other or array + '[' + index + ']'}};
                {% endfor %}
                {{code.each|autoindent}}
            }
            {{code.after|autoindent}}
{% endmacro %}

{% block maincode %}
    {# USES_VARIABLES { _synaptic_pre } #}
    {% set code = one_source[pathway.prepost] %}
    const int _pieces = {{pathway.name}}.pieces();
    if (_pieces)
    {
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    {% if code.listed %}
    const int32_t* const _others = {{pathway.name}}.listed({{code.listed}});
    {% endif %}
    for (int _piece_number = 0; _piece_number < _pieces; _piece_number++)
    {
        const SynapticPathway::Piece _piece = {{pathway.name}}.piece(_piece_number);
#ifndef __FAST_MATH__
        if (_piece.source >= 0)
        {
            const int32_t _{{pathway.prepost}}synaptic_idx = _piece.source;
            if (_piece.list)
            {
                {{_of_one_source(
                    code, '_place', _listed(code.scattered),
                    '_others[_place]' if code.listed else '')}}
            }
            else
            {
                {{_of_one_source(code, '_idx', '', '')}}
            }
        }
        else
#endif
        for (int32_t _place = _piece.begin; _place < _piece.end; _place++)
        {
            const int32_t _idx = _piece.list ? _piece.list[_place] : _place;
            const int32_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
        }
    }
    }
{% endblock %}
