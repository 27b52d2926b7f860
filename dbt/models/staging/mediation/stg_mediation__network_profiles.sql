with

source as (
    {{ latest_by_key(source('mediation', 'network_profiles'), ['service_id', 'feature_code', 'valid_from_on']) }}
),

final as (
    select
        service_id,
        service_id_raw,
        imsi,
        feature_code,
        status,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
