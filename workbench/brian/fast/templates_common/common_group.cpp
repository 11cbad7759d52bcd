{# The frame of every code object. Support code stands in a namespace that is named by its text, so
   that the files of many code objects can be included in one, and equal texts are compiled once. #}
{% set _support_text = support_text(support_code_lines) %}
{% set _support = support_name(_support_text, codeobj_name) %}

{% macro _headers() %}
#include "objects.h"
#include "brianlib/common_math.h"
#include "brianlib/stdint_compat.h"
#include <climits>
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>
{% for name in user_headers | sort %}
#include {{name}}
{% endfor %}
{% endmacro %}

{% macro _support_code() %}
#ifndef {{_support}}_IS_HERE
#define {{_support}}_IS_HERE
namespace {
namespace {{_support}} {
{{_support_text|autoindent}}
}
}
#endif
{% endmacro %}

{% macro _opening() %}
    using namespace brian;
    using namespace {{_support}};
    %CONSTANTS%
    {{pointers_lines|autoindent}}
{% endmacro %}

{% macro cpp_file() %}
#include "code_objects/{{codeobj_name}}.h"
{{_headers()}}
{% block extra_headers %}
{% endblock %}
{{_support_code()}}
{{hashdefine_lines|autoindent}}

void _run_{{codeobj_name}}()
{
{% if profiled %}
    const std::clock_t _start_time = std::clock();
{% endif %}
{{_opening()}}
    {% block maincode %}
    {% endblock %}
{% if profiled %}
    {{codeobj_name}}_profiling_info += static_cast<double>(std::clock() - _start_time) / CLOCKS_PER_SEC;
{% endif %}
}

{% block extra_functions_cpp %}
{% endblock %}
{% endmacro %}

{% macro h_file() %}
#ifndef _INCLUDED_{{codeobj_name}}
#define _INCLUDED_{{codeobj_name}}
void _run_{{codeobj_name}}();
{% block extra_functions_h %}
{% endblock %}
#endif
{% endmacro %}

{% macro before_run_cpp_file() %}
#include "code_objects/before_run_{{codeobj_name}}.h"
{{_headers()}}
{{_support_code()}}
void _before_run_{{codeobj_name}}()
{
{{_opening()}}
    {% block before_code %}
    // EMPTY_CODE_BLOCK: nothing to do
    {% endblock %}
}
{% endmacro %}

{% macro before_run_h_file() %}
#ifndef _INCLUDED_{{codeobj_name}}_before
#define _INCLUDED_{{codeobj_name}}_before
void _before_run_{{codeobj_name}}();
#endif
{% endmacro %}

{% macro after_run_cpp_file() %}
#include "code_objects/after_run_{{codeobj_name}}.h"
{{_headers()}}
{{_support_code()}}
void _after_run_{{codeobj_name}}()
{
{{_opening()}}
    {% block after_code %}
    // EMPTY_CODE_BLOCK: nothing to do
    {% endblock %}
}
{% endmacro %}

{% macro after_run_h_file() %}
#ifndef _INCLUDED_{{codeobj_name}}_after
#define _INCLUDED_{{codeobj_name}}_after
void _after_run_{{codeobj_name}}();
#endif
{% endmacro %}
