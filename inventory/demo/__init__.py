"""Patents, base lists, dossiers and the pool of the demonstration city."""

from inventory.demo.build import add_inventory
from portal.demo.city import add_part

add_part(add_inventory, order=10)
