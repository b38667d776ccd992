-- Maintenance throws away attempts whose time is over; system tasks need nothing else of them.
GRANT SELECT, DELETE ON attempts TO turumba_system;
CREATE POLICY system_tasks ON attempts TO turumba_system USING (true);
