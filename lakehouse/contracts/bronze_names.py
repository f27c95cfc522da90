"""How a file's own column names become bronze's."""

from lakehouse.files.column_names import RESERVED as RESERVED
from lakehouse.files.column_names import SPECIAL as SPECIAL
from lakehouse.files.column_names import in_bronze as in_bronze
