# `make demo` and `make test` set up what they need; everything else is for those who work on Keelstep.
SHELL := /bin/bash -euo pipefail -c
TOOLS := .build/tools
BUILD_FLAGS ?=
SOURCES := Sources Tests Benchmarks Package.swift

.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-lab fuzz build lint format bench tools require-build require-run

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: require-run build ## upgrade a simulated cluster from v1.31 to v1.33, and see how
	.build/release/keelstep demo

build: require-build ## the release binary, .build/release/keelstep
	swift build -c release --product keelstep $(BUILD_FLAGS)

test: require-run tools ## all tests on real etcd and real kubectl (debug build)
	swift build --build-tests $(BUILD_FLAGS)
	tools/run-tests

test-long: require-run tools ## what takes hours: every single kill, run to the end
	swift build --build-tests $(BUILD_FLAGS)
	KEELSTEP_LONG_TESTS=1 tools/run-tests # KEELSTEP_FIRST_KILL=N takes the single kills up at the Nth

test-lab: require-run tools ## the tests on a real kubeadm cluster, which is built and booted for them (root, some 40 minutes)
	swift build --build-tests $(BUILD_FLAGS)
	tools/run-lab-tests

fuzz: require-run tools ## a million seeded mutations of each kind of file that is read
	swift build --build-tests $(BUILD_FLAGS)
	KEELSTEP_FUZZ_CASES=1000000 .build/debug/keelstepPackageTests.xctest --testing-library swift-testing --filter 'a mutated'

lint: require-build ## formatting, strictly; warnings are errors in the build itself
	swift format lint --strict --parallel --recursive $(wildcard $(SOURCES))

format: ## apply the formatting
	swift format --in-place --parallel --recursive $(wildcard $(SOURCES))

bench: require-run tools build ## measure side by side with kubectl; writes docs/benchmarks.md
	BUILD_FLAGS="$(BUILD_FLAGS)" tools/bench

tools: ## the kubectl and etcd versions the tests run, into .build/tools
	tools/fetch-kubectl $(TOOLS)
	tools/fetch-etcd $(TOOLS)

require-build:
	@tools/require build

require-run: require-build
	@tools/require run
