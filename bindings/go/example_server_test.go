package bytestore_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/bytestore/bytestore/bindings/go"
)

// Opening sends nothing: it is the first call that fails where no server is.
func ExampleOpen_server() {
	store, err := bytestore.Open("redis://127.0.0.1:1/0?namespace=users/&ttl=1h&retries=0")
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	err = store.MSet(bytestore.KV("1", "Ada"))
	fmt.Println(errors.Is(err, bytestore.ErrRemote))
	can := store.Capabilities()
	fmt.Println(can.AtomicBatches, can.InsertionOrder)
	// Output:
	// true
	// true false
}
