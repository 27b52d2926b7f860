-- lines read = loaded + quarantined + deleted + header, trailer and blank, for every file that was loaded
select *
from {{ ref('fct_landed_files') }}
where
    status = 'loaded'
    and line_count <> loaded_count + quarantined_count + deleted_count + header_count + trailer_count + blank_count
