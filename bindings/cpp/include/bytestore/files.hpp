/// Paths on their way into the C ABI, and what became of their files. Knows nothing of stores.
#ifndef BYTESTORE_FILES_HPP
#define BYTESTORE_FILES_HPP

#include <bytestore.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "error.hpp"

namespace bytestore {
namespace detail {

/// A path as C takes it: it would not see what stands behind a NUL.
inline const char *c_path(const std::filesystem::path &file) {
    if (file.native().find('\0') != std::string::npos) {
        throw error::of_file(errc::invalid_argument, file.native(), {});
    }
    return file.c_str();
}

/// Throws unless a call that reads or writes a file succeeded. Nothing may set errno between the two.
inline void check_file(bytestore_status status, const std::string &file) {
    const int reason = errno;
    if (status == BYTESTORE_ERR_IO_FAILURE) {
        throw error::of_file(errc::io_failure, file, std::error_code(reason, std::system_category()));
    }
    if (status != BYTESTORE_OK) {
        throw error::of_file(static_cast<errc>(status), file, {});
    }
}

/// Throws if a save to a good path was refused, which is because of its level.
inline void check_level(bytestore_status status, int level) {
    if (status == BYTESTORE_ERR_INVALID_ARGUMENT) {
        throw error(errc::invalid_argument, "compression level " + std::to_string(level));
    }
}

} // namespace detail
} // namespace bytestore

#endif
