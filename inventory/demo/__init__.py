"""Patents, base lists, dossiers and the pool of the demonstration city."""

from inventory.demo.build import add_inventory
from inventory.demo.daily import add_daily_work
from inventory.demo.personnel import add_personnel
from inventory.demo.review import add_review
from inventory.demo.workbooks import write_files
from inventory.demo.years import add_plan_files
from portal.demo.city import add_files, add_part

add_part(add_inventory, order=10)
add_files(add_plan_files)
add_files(write_files)
add_files(add_review)
add_files(add_personnel)
add_files(add_daily_work)
