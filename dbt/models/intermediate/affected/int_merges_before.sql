-- One row per merged contact of the previous build and the contact at the end of its chain. Empty
-- in a full refresh.
{{ keys_before('int_contacts_merged', ['identifier_key', 'survivor_key']) }}
