"""Constraint classes that put tenancy, append-only tables and triggers into `Meta.constraints`.

Django's migration machinery carries them like any other constraint, so a table's rules stand in its
model and `makemigrations --check` keeps them honest. Their SQL is queued behind the migration's own
statements, because a trigger or policy needs the table, and a composite key needs the other table.
None of the SQL contains a percent sign: it runs with and without parameters.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import BaseConstraint

TENANT = "(SELECT nullif(current_setting('prs.org', true), '')::uuid)"
PLATFORM = "(SELECT current_setting('prs.platform', true)) = 'on'"


class SqlConstraint(BaseConstraint):
    """A rule that PostgreSQL keeps and that validation in Python leaves alone."""

    def forward(self, model: Any) -> str:
        raise NotImplementedError

    def backward(self, model: Any) -> str:
        raise NotImplementedError

    def queue(self, model: Any, deferred_sql: list[Any]) -> None:
        deferred_sql.append(self.forward(model))

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        self.queue(model, schema_editor.deferred_sql)

    def create_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        self.queue(model, schema_editor.deferred_sql)

    def remove_sql(self, model: Any, _schema_editor: Any) -> str:
        return self.backward(model)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to do: the database decides."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SqlConstraint) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class RowSecurity(SqlConstraint):
    """Rows of a table are seen and written only inside their own organization.

    `column` holds the organization. `platform` opens the table to the platform area as well.
    The policy for the owner is needed: without it a data migration changes nothing, silently.
    """

    def __init__(
        self, *, name: str, column: str = "organization_id", platform: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.column, self.platform = column, platform

    def queue(self, model: Any, deferred_sql: list[Any]) -> None:
        # First of all: the keys that it adds are what same-tenant references point at.
        deferred_sql.insert(0, self.forward(model))

    def forward(self, model: Any) -> str:
        table, rule = model._meta.db_table, f"{self.column} = {TENANT}"
        if self.platform:
            rule = f"({rule}) OR ({PLATFORM})"
        unique = (
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_org_id_key UNIQUE ({self.column}, id);"
            if self.column != "id"
            else ""
        )
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; "
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY; "
            f"CREATE POLICY tenant ON {table} USING ({rule}) WITH CHECK ({rule}); "
            f"CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true); "
            f"{unique}"
        )

    def backward(self, model: Any) -> str:
        table = model._meta.db_table
        return (
            f"DROP POLICY tenant ON {table}; DROP POLICY owner_all ON {table}; "
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_org_id_key; "
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; "
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column, "platform": self.platform}


class SameTenant(SqlConstraint):
    """A reference stays inside the organization: a foreign key over (organization, id)."""

    def __init__(
        self, *, name: str, field: str, column: str = "organization_id", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.field, self.column = field, column

    def forward(self, model: Any) -> str:
        field = model._meta.get_field(self.field)
        other = field.related_model._meta.db_table
        return (
            f"ALTER TABLE {model._meta.db_table} ADD CONSTRAINT {self.name} "
            f"FOREIGN KEY ({self.column}, {field.column}) "
            f"REFERENCES {other} (organization_id, id) DEFERRABLE INITIALLY DEFERRED;"
        )

    def backward(self, model: Any) -> str:
        return f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {self.name};"

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, "column": self.column}


class AppendOnly(SqlConstraint):
    """Rows are added and never changed: by a trigger, and by rights the application lacks.

    `insert=False` takes the right to add as well, for tables that only triggers write. `kept_days`
    says how long rows are kept (by their moment `at`): older ones may be deleted, still not changed.
    """

    def __init__(
        self, *, name: str, insert: bool = True, kept_days: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.insert, self.kept_days = insert, kept_days

    def forward(self, model: Any) -> str:
        table, role = model._meta.db_table, settings.DATABASE_APP_ROLE
        rights = "UPDATE, TRUNCATE" if self.kept_days else "UPDATE, DELETE, TRUNCATE"
        if not self.insert:
            rights = f"INSERT, {rights}"
        body = (
            f"BEGIN {self.passing}RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '{self.name}', "
            f"MESSAGE = 'rows of {table} are never changed'; END"
        )
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $f$ {body} $f$; "
            f"CREATE TRIGGER {self.name} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}(); "
            f"CREATE TRIGGER {self.name}_all BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}(); "
            f"REVOKE {rights} ON {table} FROM {role};"
        )

    @property
    def passing(self) -> str:
        """What the trigger lets pass before it refuses."""
        if self.kept_days is None:
            return ""
        # Asked one inside the other: a truncation has no old row to look at.
        return (
            f"IF TG_OP = 'DELETE' THEN IF OLD.at < now() - interval '{self.kept_days} days' "
            "THEN RETURN OLD; END IF; END IF; "
        )

    def backward(self, model: Any) -> str:
        table, role = model._meta.db_table, settings.DATABASE_APP_ROLE
        return (
            f"DROP TRIGGER {self.name} ON {table}; DROP TRIGGER {self.name}_all ON {table}; "
            f"DROP FUNCTION {self.name}(); "
            f"GRANT INSERT, UPDATE, DELETE ON {table} TO {role};"
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kept = {} if self.kept_days is None else {"kept_days": self.kept_days}
        return path, args, {**kwargs, "insert": self.insert, **kept}


class Trigger(SqlConstraint):
    """A rule in PL/pgSQL, named like the constraint that it raises.

    `when` is what stands between the name and FOR EACH (`AFTER INSERT ON {table} DEFERRABLE …`);
    `body` is the function's body and may use `{name}` and `{table}`. The function runs as its owner,
    so a rule sees the rows it must see whatever the caller's rights. `constraint=True` makes it a
    constraint trigger, which may be deferred to the commit. `on` names another table than the model's,
    for a rule that a floor above lays on a table below it. `each="STATEMENT"` asks once for all rows of
    a statement, which `when` names by `REFERENCING NEW TABLE AS`.
    """

    kinds: ClassVar[dict[bool, str]] = {True: "CONSTRAINT TRIGGER", False: "TRIGGER"}

    def __init__(
        self,
        *,
        name: str,
        when: str,
        body: str,
        constraint: bool = False,
        on: str = "",
        each: str = "ROW",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.when, self.body, self.constraint, self.on = when, body, constraint, on
        self.each = each

    def forward(self, model: Any) -> str:
        table = self.on or model._meta.db_table
        when = self.when.replace("{table}", table)
        body = self.body.replace("{name}", self.name).replace("{table}", table)
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            f"SECURITY DEFINER SET search_path = public, pg_temp AS $f$ {body} $f$; "
            f"CREATE {self.kinds[self.constraint]} {self.name} {when} "
            f"FOR EACH {self.each} EXECUTE FUNCTION {self.name}();"
        )

    def backward(self, model: Any) -> str:
        table = self.on or model._meta.db_table
        return f"DROP TRIGGER {self.name} ON {table}; DROP FUNCTION {self.name}();"

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs.update(when=self.when, body=self.body, constraint=self.constraint, on=self.on)
        each = {} if self.each == "ROW" else {"each": self.each}
        return path, args, {**kwargs, **each}


def refuse(constraint: str, message: str) -> str:
    """The PL/pgSQL statement that refuses by a constraint's name."""
    quoted = message.replace("'", "''")
    return (
        f"RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '{constraint}', "
        f"MESSAGE = '{quoted}';"
    )


class WrittenByDatabase(SqlConstraint):
    """The application reads the table; only triggers, which run as the owner, write it."""

    def forward(self, model: Any) -> str:
        role = settings.DATABASE_APP_ROLE
        return f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {model._meta.db_table} FROM {role};"

    def backward(self, model: Any) -> str:
        role = settings.DATABASE_APP_ROLE
        return f"GRANT INSERT, UPDATE, DELETE ON {model._meta.db_table} TO {role};"


class DatabaseFunction(SqlConstraint):
    """A door of the database: a function in SQL that does what the application may not do itself.

    It runs as its owner, before whom row security is silent, so its body must name the organization.
    """

    manner = "LANGUAGE sql SECURITY DEFINER"

    def __init__(self, *, name: str, takes: str, gives: str, body: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.takes, self.gives, self.body = takes, gives, body

    def forward(self, model: Any) -> str:
        return (
            f"CREATE FUNCTION {self.name}({self.takes}) RETURNS {self.gives} {self.manner} "
            f"SET search_path = public, pg_temp AS $f$ {self.body} $f$; "
            f"REVOKE ALL ON FUNCTION {self.name} FROM PUBLIC; "
            f"GRANT EXECUTE ON FUNCTION {self.name} TO {settings.DATABASE_APP_ROLE};"
        )

    def backward(self, model: Any) -> str:
        return f"DROP FUNCTION {self.name};"

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        words = {"takes": self.takes, "gives": self.gives, "body": self.body}
        return path, args, {**kwargs, **words}


class DatabaseStep(DatabaseFunction):
    """Several statements of the application behind one call, in PL/pgSQL.

    It runs as its caller: row security, rights and every rule of the tables stand as without it.
    """

    manner = "LANGUAGE plpgsql SECURITY INVOKER"
