"""What the scoping package loads late is never shadowed by the module it stands in, whichever thread asks first."""

import offices.scoping


def test_no_late_name_is_the_name_of_its_module() -> None:
    for name, module in offices.scoping._LATE.items():
        assert module.rsplit(".", 1)[1] != name
        assert callable(getattr(offices.scoping, name))
