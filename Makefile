# The two commands: `make demo` shows the store, `make test` proves it. Both first install what is missing.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help demo test soak nightly bench bench-languages bench-embeddings bench-costs bench-servers bench-snapshots \
	bench-eviction lib static install uninstall deb wheel go-module npm docs release header format clean

sources := Cargo.toml $(wildcard Cargo.lock) build.rs $(shell find src -name '*.rs')
version := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
abi := $(shell sed -n 's/^\#define BYTESTORE_ABI_VERSION //p' include/bytestore.h)
# Today, as long as no day stands there.
released := $(or $(shell sed -n 's/^\#\# \[$(version)\] - \([0-9-]*\)$$/\1/p' CHANGELOG.md),$(shell date -u +%F))

help: ## show this text
	@echo "bytestore: one in-process byte store for C, C++, Go, Swift, Python, JavaScript and Rust"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 - \2/p' Makefile

demo: lib ## every language stores some thousand files and gives them back, compared byte by byte
	@examples/demo/prepare.sh
	@python3 examples/demo/run.py

test: ## every test, formatter and linter of every language
	@.toolchains/rust.sh
	@tests/run

soak: ## a full store under the worst sizes for 10 minutes: resident memory within 1.15 of its bound, and each minute's rate
	@.toolchains/rust.sh
	@. .toolchains/env.sh && BYTESTORE_SOAK_SECONDS=$${BYTESTORE_SOAK_SECONDS:-600} \
	cargo test --quiet --release --test bounded_soak --config 'target."cfg(unix)".runner = "tests/limited.sh"' -- --nocapture

# One for each promise of docs/reliability.md.
gates := $(notdir $(patsubst %/run.sh,%,$(wildcard tests/reliability/*/run.sh)))
.PHONY: $(gates)
$(gates): lib
	@tests/reliability/$@/run.sh deep

nightly: lib ## every promise of docs/reliability.md put to its hardest test, and the figures into its table: hours
	@tests/reliability/nightly.sh

bench: lib ## bytestore beside thirteen other stores: docs/performance.md and its plots, made anew in 40 minutes
	@benches/run.sh all
	@benches/report.sh

bench-languages: lib ## every binding beside what its users would pick instead: its part of the same page, in 35 minutes
	@benches/languages/run.sh
	@benches/report.sh

bench-embeddings: lib ## cached embeddings through LangChain: its own store and form beside ours, in 2 minutes
	@benches/embeddings/run.sh

bench-costs: lib ## what a bound, counting and questions about prefixes cost: its part of the same page, in 5 minutes
	@benches/costs.sh
	@benches/report.sh

bench-servers: lib ## a store on servers of its own beside hiredis and redis-py: the table of docs/scaling.md, in 2 minutes
	@benches/servers/run.sh

bench-snapshots: lib ## saving and loading beside dd with fsync and beside pickle: its part of the same page, in 15 minutes
	@benches/snapshots/run.sh $(options)
	@benches/report.sh

bench-eviction: ## hit ratios on recorded traces beside other caches and the optimum: its part of the same page
	@benches/eviction/run.sh
	@benches/report.sh

lib: target/lib/libbytestore.so target/lib/pkgconfig/bytestore.pc ## the shared library, in target/lib

target/lib/libbytestore.so.1: $(sources) .packaging/cargo.sh
	@.toolchains/rust.sh
	.packaging/cargo.sh
	@install -D target/library/release/libbytestore.so $@

target/lib/libbytestore.so: target/lib/libbytestore.so.1
	@ln -sf libbytestore.so.1 $@

# Paths count from the file itself, so that the checkout can be moved.
target/lib/pkgconfig/bytestore.pc: Cargo.toml .packaging/bytestore.pc.in .packaging/fill.sh
	@mkdir -p $(@D)
	@.packaging/fill.sh .packaging/bytestore.pc.in version=$(version) libs= 'prefix=$${pcfiledir}/../../..' \
		'libdir=$${prefix}/target/lib' 'includedir=$${prefix}/include' >$@

static: target/lib/libbytestore.a ## the static library, in target/lib

target/lib/libbytestore.a: $(sources) .packaging/archive.sh .packaging/cargo.sh
	@.toolchains/rust.sh
	.packaging/archive.sh $@

# Where it is installed, by the names that are usual; DESTDIR stands before all of them.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/bytestore
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export LIBDIR := $(LIBDIR)
install uninstall: export INCLUDEDIR := $(INCLUDEDIR)
install uninstall: export MANDIR := $(MANDIR)
install uninstall: export DOCDIR := $(DOCDIR)
install uninstall: export VERSION := $(version)
install uninstall: export ABI := $(abi)
install uninstall: export RELEASED := $(released)

install: lib static ## libraries, headers, pkg-config, CMake, manual page: PREFIX, LIBDIR, INCLUDEDIR, MANDIR, DOCDIR, DESTDIR
	@.packaging/install.sh install

uninstall: ## what `make install` with the same places put there, taken away
	@.packaging/install.sh uninstall

deb: lib static ## Debian's packages, in target/deb: libbytestore1 and libbytestore-dev
	@.packaging/deb.sh

wheel: lib ## the Python packages, in target/python/dist: a wheel, and a source distribution
	@bindings/python/build.sh

go_dist ?= target/go/dist
go-module: static ## the Go module with the library in it, in target/go/dist, a folder as a module proxy serves it
	@.toolchains/go.sh
	@.packaging/go-module.sh $(version) $(released) $(go_dist)

docs: lib ## the documentation as a site, in target/docs
	@.toolchains/docs.sh
	@docs/site/build.sh

npm: lib ## the JavaScript package, target/node/bytestore.tgz
	@.toolchains/node.sh
	@bindings/node/build.sh

release: ## every artefact of a release, with checksums, in dist: docs/releasing.md; options=--rehearse tries it
	@.packaging/release.sh $(options)

header: ## write include/bytestore.h anew from the sources
	@.toolchains/rust.sh
	. .toolchains/env.sh && BYTESTORE_WRITE_HEADER=1 cargo test --test header

format: ## lay out the sources of every language as the tests want them
	@.toolchains/all.sh
	@tests/format

clean: ## remove everything that was built
	rm -rf target dist
