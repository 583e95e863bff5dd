/// A library of another binary interface is refused with a clear message. Alone: it replaces a function of the library.
#include <bytestore.hpp>

#include <string>

#include "../check.hpp"

std::uint32_t bytestore_abi_version(void) { return BYTESTORE_ABI_VERSION + 1; }

TEST(another_abi_version_is_refused) {
    const auto made = check::thrown<bytestore::version_error>([] { bytestore::store store; });
    CHECK(made);
    const auto opened = check::thrown<bytestore::version_error>([] { bytestore::store::open("memory:"); });
    CHECK(opened);
    const std::string text = made ? made->what() : "";
    CHECK(text.find("version " + std::to_string(BYTESTORE_ABI_VERSION)) != std::string::npos);
    CHECK(text.find("version " + std::to_string(BYTESTORE_ABI_VERSION + 1)) != std::string::npos);
}

int main() { return check::run_all("version"); }
