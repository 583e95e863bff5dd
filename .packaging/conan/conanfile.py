"""The recipe of the Conan package: what `make install` puts there, with the one library that is asked for."""

from pathlib import Path
from typing import ClassVar

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, load, rm, rmdir

# What `make install` needs of a checkout.
SOURCES = (
    "Cargo.*",
    "Makefile",
    "CHANGELOG.md",
    "LICENSE",
    "THIRD-PARTY-LICENSES",
    "build.rs",
    "src/*",
    "tests/conformance.rs",  # Cargo.toml names it
    "include/*",
    "bindings/cpp/include/*",
    ".packaging/*.sh",
    ".packaging/*.in",
    ".packaging/*.awk",
    ".toolchains/*.sh",
)


class BytestoreRecipe(ConanFile):
    """One package for every compiler and build type: the library has C's interface, and rustc makes it."""

    name = "bytestore"
    description = "In-process byte store for C, C++, Go, Swift, Python, JavaScript and Rust"
    license = "Apache-2.0"
    topics = ("cache", "key-value", "embeddings")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options: ClassVar = {"shared": [True, False]}
    default_options: ClassVar = {"shared": False}

    @property
    def _checkout(self) -> Path:
        return Path(self.recipe_folder).parent.parent

    def set_version(self) -> None:
        """Cargo.toml says it."""
        lines = load(self, self._checkout / "Cargo.toml").splitlines()
        self.version = next(line.split('"')[1] for line in lines if line.startswith("version = "))

    def export_sources(self) -> None:
        """The package is built from these, wherever the checkout is then."""
        for pattern in SOURCES:
            copy(self, pattern, self._checkout, self.export_sources_folder)

    def layout(self) -> None:
        """`conan export-pkg` takes what is built in the checkout."""
        self.folders.root = "../.."
        self.folders.generators = "target/conan"

    def validate(self) -> None:
        """As for the library anywhere."""
        if self.settings.os != "Linux" or self.settings.arch not in ("x86_64", "armv8"):
            msg = "bytestore is for 64-bit Linux"
            raise ConanInvalidConfiguration(msg)

    def package_id(self) -> None:
        """Whoever uses the package may have any compiler."""
        self.info.settings.rm_safe("compiler")
        self.info.settings.rm_safe("build_type")

    def build(self) -> None:
        """Fetches a Rust toolchain when there is none."""
        self.run("make lib static", cwd=self.source_folder)

    def package(self) -> None:
        """Conan writes files for CMake and pkg-config itself, for what the package has."""
        places = "PREFIX=/ LIBDIR=/lib INCLUDEDIR=/include MANDIR=/share/man DOCDIR=/licenses"
        self.run(f"make install DESTDIR={self.package_folder} {places}", cwd=self.source_folder)
        made, package = Path(self.source_folder), Path(self.package_folder)
        rmdir(self, package / "lib/cmake")
        rmdir(self, package / "lib/pkgconfig")
        rm(self, "*.a" if self.options.shared else "*.so*", package / "lib")
        copy(self, "libbytestore.a.libs", made / "target/lib", package / "lib")

    def package_info(self) -> None:
        """The target has the name that it has in an installed copy."""
        self.cpp_info.set_property("cmake_target_name", f"bytestore::{'shared' if self.options.shared else 'static'}")
        self.cpp_info.libs = ["bytestore"]
        if not self.options.shared:
            needed = load(self, Path(self.package_folder) / "lib/libbytestore.a.libs").split()
            self.cpp_info.system_libs = [name.removeprefix("-l") for name in needed]
