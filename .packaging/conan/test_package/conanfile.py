"""Builds and runs the programs of an installed copy's user with the Conan package."""

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout


class BytestoreTest(ConanFile):
    """One in C, one in C++."""

    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps"

    def requirements(self) -> None:
        """The package that was made."""
        self.requires(self.tested_reference_str)

    def layout(self) -> None:
        """CMake's usual one."""
        cmake_layout(self)

    def generate(self) -> None:
        """CMake's presets are for a folder that one works in."""
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False
        toolchain.generate()

    def build(self) -> None:
        """Links the programs."""
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def test(self) -> None:
        """Each of them ends well."""
        if can_run(self):
            for language in ("c", "cpp"):
                self.run(f"{self.cpp.build.bindir}/{language}-program", env="conanrun")
