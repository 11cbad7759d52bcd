{# What a spike does to its synapses: piece by piece, in the order of Brian2's queue. #}
{% extends 'common_synapses.cpp' %}

{% block maincode %}
    {# USES_VARIABLES { _synaptic_pre } #}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    const int _pieces = {{pathway.name}}.pieces();
    for (int _piece_number = 0; _piece_number < _pieces; _piece_number++)
    {
        const SynapticPathway::Piece _piece = {{pathway.name}}.piece(_piece_number);
        if (_piece.list)
        {
            for (int32_t _place = _piece.begin; _place < _piece.end; _place++)
            {
                const int32_t _idx = _piece.list[_place];
                const int32_t _vectorisation_idx = _idx;
                {{vector_code|autoindent}}
            }
        }
        else
        {
            for (int32_t _idx = _piece.begin; _idx < _piece.end; _idx++)
            {
                const int32_t _vectorisation_idx = _idx;
                {{vector_code|autoindent}}
            }
        }
    }
{% endblock %}
