/// Reads an answer after its owner has gone. The address sanitizer must stop it: that shows it watches the library's
/// memory too. No part of the tests otherwise.
#include <bytestore.hpp>

#include <iostream>

int main() {
    bytestore::store store;
    store.mset({{"key", "value"}});
    std::string_view value;
    {
        const bytestore::values answer = store.mget({"key"});
        value = answer[0].value_or("missing");
    }
    std::cout << value << std::endl;
}
