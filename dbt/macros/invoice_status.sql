{# Whether an invoice has gone out: drafts, held and rejected ones are no bill yet. #}
{% macro is_issued(status) %}lower(coalesce({{ status }}, 'issued')) not in ('draft', 'held', 'suppressed', 'rejected', 'cancelled', 'canceled', 'void', 'voided'){% endmacro %}

{# Whether an account is exempt from tax on a day. #}
{% macro is_exempt_on(day, account='a') %}(coalesce({{ account }}.is_tax_exempt, false) and {{ day }} < {{ open_end(account ~ '.tax_exempt_until_on') }}){% endmacro %}
