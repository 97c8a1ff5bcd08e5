# Everything a developer does here, in the same words that CI uses. `make help` lists it.

SHELL := bash
CARGO ?= cargo
.DEFAULT_GOAL := help
.PHONY: help demo demo-up demo-down test lint golden bench fuzz completions control-plane
scripts := $(shell git ls-files '*.sh' .ci/run 2>/dev/null)

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: control-plane ## Play through pushboat on three local clusters, then stop them
	@testdata/demo/demo.sh play

demo-up: control-plane ## Start the three clusters and a repository, and leave them to you
	@testdata/demo/demo.sh up

demo-down: ## Stop what demo-up started
	@testdata/demo/demo.sh down

test: control-plane ## Run all tests, against real control planes
	$(CARGO) test

lint: ## Check formatting, compiler and clippy warnings, and the scripts
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	@for script in $(scripts); do bash -n "$$script" || exit 1; done; echo "checked $(words $(scripts)) scripts"

golden: control-plane ## Accept what the tests print now as what they should print
	UPDATE_EXPECT=1 $(CARGO) test
	@git --no-pager diff --stat

bench: control-plane ## Measure, side by side with the peers; PART="startup render objects memory fleet" chooses
	$(CARGO) bench --bench side_by_side -- $(PART)

fuzz: ## Fuzz the loader and the renderers, TIME seconds each (600); TARGETS="yaml_load smp kustomization template" chooses
	@fuzz/run.sh $(or $(TIME),600) $(TARGETS)

completions: ## Write the shell completions and the manual page anew
	$(CARGO) build --quiet
	@mkdir -p completions
	@run="$(CARGO) run --quiet --"; set -e; \
	for pair in bash:pushboat.bash zsh:_pushboat fish:pushboat.fish powershell:_pushboat.ps1 elvish:pushboat.elv; do \
	  echo "writing completions/$${pair#*:}"; $$run completion $${pair%:*} >completions/$${pair#*:}; done; \
	echo "writing completions/pushboat.1"; $$run man >completions/pushboat.1

control-plane:
	@testdata/controlplane/build.sh
