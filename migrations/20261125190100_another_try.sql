-- What a message keeps of its deliveries when a person has it tried again. A provider that took all of it and then said that it
-- failed has to be given all of it again; one that took a part gets what is missing.
CREATE FUNCTION for_another_try(metadata jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN jsonb_typeof(metadata -> 'parts') <> 'array' THEN metadata
        WHEN jsonb_array_length(metadata -> 'parts')
             >= CASE WHEN jsonb_typeof(metadata -> 'parts_total') = 'number'
                     THEN (metadata ->> 'parts_total')::numeric ELSE 1 END THEN metadata - 'parts'
        ELSE metadata
    END
$$;
GRANT EXECUTE ON FUNCTION for_another_try TO turumba_app;
