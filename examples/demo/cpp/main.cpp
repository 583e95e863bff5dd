/// Stores the files of a manifest, reads them back and says what that took: demo MANIFEST OUTDIR.
#include <bytestore.hpp>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include "corpus.hpp"

namespace {

/// The first example of LangChain's guide to byte stores.
void guide(bytestore::store &store) {
    store.mset({{"key1", "value1"}, {"key2", "value2"}});
    const bytestore::values both = store.mget({"key1", "key2"});
    store.mdelete({"key1"});
    const bytestore::values after = store.mget({"key1", "key2"});
    if (both[0] != "value1" || both[1] != "value2" || after[0] || after[1] != "value2") {
        throw std::runtime_error("the guide's example failed");
    }
    std::cout << "guide: key1 = " << *both[0] << ", key2 = " << *both[1] << "; after deleting key1: key1 "
              << after[0].value_or("missing") << ", key2 = " << *after[1] << std::endl;
    store.mdelete({"key2"});
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) {
        std::cerr << "usage: demo MANIFEST OUTDIR" << std::endl;
        return 2;
    }
    try {
        bytestore::store store;
        guide(store);
        corpus files(store, argv[1]);
        files.fill();
        files.read_back(std::string(argv[2]) + "/sha256");
        files.count("json/");
        std::cout << "result " << files.result() << std::endl;
        return EXIT_SUCCESS;
    } catch (const std::exception &exception) {
        std::cerr << exception.what() << std::endl;
        return EXIT_FAILURE;
    }
}
