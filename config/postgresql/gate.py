"""The catalog gate: does every wall stand in the database as it is, whatever the models say? No finding means yes.

Reads the catalogs only, so that it can be run on a migrated test database, at deployment (`bin/manage check_walls`) and on a
restored copy (reliability C1.4).
"""

from typing import Any

# Decision 22: these have no office, because they are read before one is open or belong to the framework. A new table does not
# join this list; it gets an office.
TABLES_WITHOUT_OFFICE = frozenset(
    {
        "offices_office",
        "offices_user",
        "offices_user_groups",
        "offices_user_user_permissions",
        "offices_membership",
        "django_session",
        "django_migrations",
        "django_content_type",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "axes_accessattempt",
        "axes_accessattemptexpiration",
        "axes_accessfailurelog",
        "axes_accesslog",
    }
)
POLICY = "(office_id = ( SELECT (current_setting('app.office'::text))::bigint AS current_setting))"

# Parameters: application role, allowed tables without an office, text of the only policy.
_GATE = """
with p as (select %(app)s::name as app, %(allowed)s::text[] as allowed, %(policy)s::text as policy),
 every_table as (
  select c.oid, c.relname, c.relrowsecurity as walled, c.relforcerowsecurity as forced, pg_get_userbyid(c.relowner) as owner,
         (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'office_id' and not a.attisdropped) as office,
         (select a.attnotnull from pg_attribute a where a.attrelid = c.oid and a.attname = 'office_id' and not a.attisdropped) as strict
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p', 'f')),
 t as (select e.* from every_table e, p where not e.relname = any(p.allowed))
select relname::text, 'has no office_id and does not stand on the list of global tables' from t where office is null
union all select relname, 'row-level security is off' from t where office is not null and not walled
union all select relname, 'row-level security is not forced on the owner' from t where office is not null and not forced
union all select relname, 'has no policy' from t where office is not null and not exists (select 1 from pg_policy o where o.polrelid = t.oid)
union all select relname, 'odd policy ' || o.polname || ': ' || coalesce(pg_get_expr(o.polqual, o.polrelid), 'no USING') || ' / '
          || coalesce(pg_get_expr(o.polwithcheck, o.polrelid), 'no CHECK')
   from t join pg_policy o on o.polrelid = t.oid cross join p
   where pg_get_expr(o.polqual, o.polrelid) is distinct from p.policy or pg_get_expr(o.polwithcheck, o.polrelid) is distinct from p.policy
      or o.polcmd <> '*' or o.polroles <> '{0}'
union all select relname, 'office_id may be null' from t where office is not null and not strict
union all select relname, 'unique without office_id: ' || i.indexrelid::regclass from t join pg_index i on i.indrelid = t.oid
   where t.office is not null and i.indisunique and not t.office = any (i.indkey)
union all select relname, 'exclusion without office_id: ' || k.conname from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'x'
   where t.office is not null and not t.office = any (k.conkey)
union all select t.relname, 'reference into an office table without office_id on both sides: ' || k.conname
   from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' join t r on r.oid = k.confrelid
   where r.office is not null and not exists (
     select 1 from unnest(k.conkey, k.confkey) as pair(here, there) where pair.here = t.office and pair.there = r.office)
union all select e.relname, 'a global table refers to an office table: ' || k.conname
   from every_table e join pg_constraint k on k.conrelid = e.oid and k.contype = 'f' join t r on r.oid = k.confrelid, p
   where e.relname = any (p.allowed) and r.office is not null
union all select e.relname, 'belongs to the application role' from every_table e, p where e.owner = p.app
union all select c.relname, 'a view without security_invoker' from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = 'public' and c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false)
     and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
union all select c.relname, 'a materialised view the application may read' from pg_class c join pg_namespace n on n.oid = c.relnamespace, p
   where n.nspname = 'public' and c.relkind = 'm' and has_table_privilege(p.app, c.oid, 'select')
union all select f.proname, 'a SECURITY DEFINER function the application may call' from pg_proc f join pg_namespace n on n.oid = f.pronamespace, p
   where n.nspname = 'public' and f.prosecdef and has_function_privilege(p.app, f.oid, 'execute')
union all select e.relname, 'the application may ' || x from every_table e, p, unnest(array['truncate', 'references', 'trigger']) x
   where has_table_privilege(p.app, e.oid, x)
union all select 'schema public', 'the application may create in it' from p where has_schema_privilege(p.app, 'public', 'create')
union all select rolname, 'is bound by no wall (superuser or bypassrls)' from pg_roles, p
   where (rolsuper or rolbypassrls) and (rolname = p.app or pg_has_role(p.app, oid, 'member'))
order by 1, 2
"""


def findings(cursor: Any, *, app_role: str) -> list[str]:
    """What is wrong, one sentence per finding; empty when every wall stands."""
    allowed = sorted(TABLES_WITHOUT_OFFICE)
    cursor.execute(_GATE, {"app": app_role, "allowed": allowed, "policy": POLICY})
    return [f"{where}: {what}" for where, what in cursor.fetchall()]
