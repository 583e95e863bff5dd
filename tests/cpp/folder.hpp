/// A folder of a test's own, and whole files. Knows nothing of the library.
#ifndef FOLDER_HPP
#define FOLDER_HPP

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

/// There while this lives, with all that is in it.
class folder {
  public:
    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "bytestore-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::system_error(errno, std::system_category(), name);
        }
        path_ = name;
    }
    folder(const folder &) = delete;
    folder &operator=(const folder &) = delete;
    ~folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path &path() const { return path_; }

    /// How many files there are.
    std::ptrdiff_t size() const {
        using files = std::filesystem::directory_iterator;
        return std::distance(files(path_), files());
    }

  private:
    std::filesystem::path path_;
};

inline std::string content(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    file.exceptions(std::ios::failbit);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const std::filesystem::path &path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary);
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
}

#endif
