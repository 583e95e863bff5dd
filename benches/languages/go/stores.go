package main

// What the benchmark asks of a store, and which stores there are. Knows no case.

import (
	"runtime/debug"
	"slices"
)

// form is whose memory the values of an answer are in.
type form string

const (
	copied form = "copy"  // in new memory, for good
	reused form = "reuse" // in memory that the next answer uses again
	viewed form = "views" // where the store has them
)

type store interface {
	// session is the store for one goroutine.
	session() session
	close()
}

type session interface {
	// get answers each key, nil if it is missing, until the next call.
	get(b batch, f form) ([][]byte, error)
	set(b batch) error
	close()
}

// kind is a kind of store, and how to make one that has room for a shape.
type kind struct {
	name, module string
	open         func(shape) (store, error)
}

var ours = kind{"bytestore", "", openBytestore}

// Those that lend the values they hold, then those that copy.
var peers = []kind{
	{"map + RWMutex", "", openLockedMap},
	{"sync.Map", "", openSyncMap},
	{"xsync", "github.com/puzpuzpuz/xsync/v4", openXsync},
	{"otter", "github.com/maypok86/otter/v2", openOtter},
	{"ristretto", "github.com/dgraph-io/ristretto/v2", openRistretto},
	{"bigcache", "github.com/allegro/bigcache/v3", openBigcache},
	{"freecache", "github.com/coocood/freecache", openFreecache},
	{"fastcache", "github.com/VictoriaMetrics/fastcache", openFastcache},
}

// version is that of the module, or Go's own.
func (k kind) version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == k.module {
			return module.Version[1:]
		}
	}
	return info.GoVersion[2:]
}

func kindNamed(name string) (kind, bool) {
	all := append([]kind{ours}, peers...)
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}
