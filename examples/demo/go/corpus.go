package main

// Many files, in and out of a store in batches.

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

const batchSize = 64

// corpus is the files below root, and what storing them took. Seconds cover the store's calls only.
type corpus struct {
	store  *bytestore.Store
	root   string
	paths  []string
	done   int // files stored plus files read back
	result struct {
		Language string  `json:"language"`
		Entries  int     `json:"entries"`
		Bytes    int     `json:"bytes"`
		MSet     float64 `json:"mset_seconds"`
		MGet     float64 `json:"mget_seconds"`
		Prefix   int     `json:"prefix"`
		RSS      int     `json:"rss_bytes"`
	}
}

// fill stores all files, each under its path.
func (c *corpus) fill() error {
	c.result.Language = "go"
	before, err := residentBytes()
	if err != nil {
		return err
	}
	for paths := range slices.Chunk(c.paths, batchSize) {
		batch := make([]bytestore.Pair, len(paths))
		for i, path := range paths {
			content, err := os.ReadFile(filepath.Join(c.root, path))
			if err != nil {
				return err
			}
			batch[i] = bytestore.Pair{Key: []byte(path), Value: content}
			c.result.Bytes += len(content)
		}
		start := time.Now()
		if err := c.store.MSet(batch...); err != nil {
			return err
		}
		c.result.MSet += time.Since(start).Seconds()
		c.progress(len(paths))
	}
	after, err := residentBytes()
	if err != nil {
		return err
	}
	c.result.RSS = after - before
	c.result.Entries, err = c.store.Len()
	return err
}

// readBack reads all files from the store and writes down their hashes.
func (c *corpus) readBack(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	hashes := bufio.NewWriter(file)
	for paths := range slices.Chunk(c.paths, batchSize) {
		keys := make([][]byte, len(paths))
		for i, path := range paths {
			keys[i] = []byte(path)
		}
		start := time.Now()
		values, err := c.store.MGet(keys...)
		if err != nil {
			return err
		}
		c.result.MGet += time.Since(start).Seconds()
		for i, value := range values {
			if value == nil {
				return fmt.Errorf("%s is missing", paths[i])
			}
			fmt.Fprintf(hashes, "%x  %s\n", sha256.Sum256(value), paths[i])
		}
		c.progress(len(paths))
	}
	if err := hashes.Flush(); err != nil {
		return err
	}
	return file.Close()
}

// count counts the keys with a prefix.
func (c *corpus) count(prefix string) error {
	for _, err := range c.store.Keys([]byte(prefix)) {
		if err != nil {
			return err
		}
		c.result.Prefix++
	}
	fmt.Printf("prefix: %d keys begin with %s\n", c.result.Prefix, prefix)
	return nil
}

// progress says about fifty times how much is done.
func (c *corpus) progress(files int) {
	total := 2 * len(c.paths)
	before := c.done * 50 / total
	c.done += files
	if c.done*50/total > before {
		fmt.Printf("progress %d %d\n", c.done, total)
	}
}

// residentBytes is the memory of this process that is really there, without the garbage.
func residentBytes() (int, error) {
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "VmRSS:")
	if !found {
		return 0, fmt.Errorf("/proc/self/status has no VmRSS")
	}
	kibibytes, err := strconv.Atoi(strings.Fields(rest)[0])
	return kibibytes * 1024, err
}
