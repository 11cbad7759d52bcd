from workbench.model import Fact

FACTS: tuple[Fact, ...] = ()
