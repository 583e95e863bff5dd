/// What goes wrong, as exceptions. Knows status numbers, and nothing of stores.
#ifndef BYTESTORE_ERROR_HPP
#define BYTESTORE_ERROR_HPP

#include <bytestore.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace bytestore {

/// Why a call failed: the numbers of bytestore.h. A newer library may have others.
enum class errc : bytestore_status {
    invalid_argument = BYTESTORE_ERR_INVALID_ARGUMENT,
    closed_handle = BYTESTORE_ERR_CLOSED_HANDLE,
    out_of_memory = BYTESTORE_ERR_OUT_OF_MEMORY,
    over_limit = BYTESTORE_ERR_OVER_LIMIT,
    remote_failure = BYTESTORE_ERR_REMOTE_FAILURE, ///< of a server: error::remote_message() says why
    internal_error = BYTESTORE_ERR_INTERNAL,
    io_failure = BYTESTORE_ERR_IO_FAILURE,     ///< of a file: error::reason() says why
    bad_snapshot = BYTESTORE_ERR_BAD_SNAPSHOT, ///< damaged or not whole, or none
    unsupported = BYTESTORE_ERR_UNSUPPORTED,   ///< on a server, of a later snapshot, or not built in
};

/// The name of a code, the same in every language: "invalid_argument", …
inline const char *name(errc code) noexcept { return bytestore_status_name(static_cast<bytestore_status>(code)); }

/// A call that failed. It has changed nothing, unless the store is on a server: then what was to be written may have
/// been or not.
class error : public std::runtime_error {
  public:
    explicit error(errc code, const std::string &where = {}) : std::runtime_error(text(code, where)), code_(code) {}

    /// A URL that store::open refused, and the part of it that is at fault.
    static error of_url_part(errc code, std::string part) {
        error refused(code, "URL part \"" + part + "\"");
        refused.part_ = std::move(part);
        return refused;
    }

    /// A batch that was refused, and the index of the first item at fault.
    static error of_item(errc code, const char *list, std::size_t index) {
        error refused(code, list + (" " + std::to_string(index)));
        refused.index_ = index;
        return refused;
    }

    /// What became of a file, and the system's reason if it refused.
    static error of_file(errc code, const std::string &file, std::error_code reason) {
        error refused(code, '"' + file + '"' + (reason ? ": " + reason.message() : ""));
        refused.reason_ = reason;
        return refused;
    }

    /// What a server said, or the system of it.
    static error of_server(errc code, std::string message) {
        error failed(code, message);
        failed.remote_message_ = std::move(message);
        return failed;
    }

    errc code() const noexcept { return code_; }

    /// The part of a URL that is at fault; empty when that was not the error.
    const std::string &part() const noexcept { return part_; }

    /// The first item at fault in a refused batch.
    std::optional<std::size_t> index() const noexcept { return index_; }

    /// Why the system refused to read or write a file; no error unless code() is errc::io_failure.
    ///
    ///     if (error.reason() == std::errc::no_space_on_device) …
    std::error_code reason() const noexcept { return reason_; }

    /// Why a server failed: its own words, or the system's, in English, for logs; what() has them, too. Empty unless
    /// code() is errc::remote_failure.
    const std::string &remote_message() const noexcept { return remote_message_; }

  private:
    static std::string text(errc code, const std::string &where) {
        std::string text = std::string("bytestore: ") + name(code) + ": ";
        if (!where.empty()) {
            text += where + ": ";
        }
        return text + bytestore_status_message(static_cast<bytestore_status>(code));
    }

    errc code_;
    std::string part_;
    std::optional<std::size_t> index_;
    std::error_code reason_;
    std::string remote_message_;
};

/// The library found at run time is not the one this program was compiled for.
class version_error : public std::runtime_error {
  public:
    version_error()
        : std::runtime_error("bytestore: this program was built for ABI version " +
                             std::to_string(BYTESTORE_ABI_VERSION) + ", the library found at run time has version " +
                             std::to_string(bytestore_abi_version()) + ": build the program with that library's " +
                             "headers, or run it with the library it was built for") {}
};

namespace detail {

/// Throws unless a call succeeded.
inline void check(bytestore_status status) {
    if (status != BYTESTORE_OK) {
        throw error(static_cast<errc>(status));
    }
}

} // namespace detail
} // namespace bytestore

#endif
