from .offline.analyze import analyze as analyze
from .offline.analyze import load as load
from .offline.burst import Burst as Burst
from .offline.values import Value as Value

__version__: str

__all__ = ["Burst", "Value", "__version__", "analyze", "load"]
