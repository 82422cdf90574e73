# The two commands of the README are `make run` and `make test`; everything they make is in .venv/ and var/.
PYTHON ?= python3
BOOT = exec $(PYTHON) -m tools.bootstrap
DEV = exec $(PYTHON) -m tools.bootstrap --dev
VENV = .venv/bin
.PHONY: help run test quick check fix bench soak stop secrets lock messages clean

help:
	@echo "make run               the whole service with the demonstration city, until Ctrl-C"
	@echo "make test              the whole test suite"
	@echo "make quick T=FILE      some tests at once; the database stays up"
	@echo "make check             formatting, lint, import direction, types, templates, migrations, deployment"
	@echo "make fix               format and repair what can be repaired"
	@echo "make bench | soak      page times at 200,000 patents | long runs outside the suite"
	@echo "make stop              stop what run or quick left running"
	@echo "make secrets           the secret files of docker-compose.yml"
	@echo "make lock              write both lock files anew from requirements*.txt"

run:
	@$(BOOT) tools.run

test:
	@$(DEV) tools.test $(T)

quick:
	@$(DEV) tools.test --quick $(T)

check:
	@$(DEV) tools.check

fix:
	@$(PYTHON) -m tools.bootstrap --dev
	@$(VENV)/ruff check --fix --quiet . ; $(VENV)/ruff format --quiet .

bench:
	@$(DEV) tools.bench

soak:
	@$(DEV) tools.test -m soak

stop:
	@$(BOOT) tools.stop

secrets:
	@$(BOOT) tools.compose_secrets

lock:
	@$(DEV) tools.lock

messages:
	@$(PYTHON) -m tools.bootstrap --dev
	@$(VENV)/python manage.py makemessages --locale=zh_Hans --no-obsolete --add-location=file

clean: stop
	rm -rf var .venv
