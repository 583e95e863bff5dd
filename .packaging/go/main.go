// Command pack makes of a folder with a Go module what a module proxy serves of it: pack MODULE VERSION TIME OUTPUT.
// Knows nothing of what is in the module.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: pack MODULE VERSION TIME OUTPUT")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack adds a version to OUTPUT/<module>/@v/{list,<version>.info,<version>.mod,<version>.zip}: see `go help goproxy`.
func pack(folder, version, at, output string) error {
	when, err := time.Parse(time.DateOnly, at)
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return err
	}
	released := module.Version{Path: modfile.ModulePath(mod), Version: version}
	path, err := module.EscapePath(released.Path)
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, when})
	if err != nil {
		return err
	}

	versions := filepath.Join(output, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return err
	}
	archive, err := os.Create(filepath.Join(versions, version+".zip"))
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := zip.CreateFromDir(archive, released, folder); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return err
	}
	for suffix, content := range map[string][]byte{".info": info, ".mod": mod} {
		if err := os.WriteFile(filepath.Join(versions, version+suffix), content, 0o644); err != nil {
			return err
		}
	}
	return list(versions)
}

// list writes down which versions there are.
func list(versions string) error {
	infos, err := filepath.Glob(filepath.Join(versions, "*.info"))
	if err != nil {
		return err
	}
	var names strings.Builder
	for _, info := range infos {
		fmt.Fprintln(&names, strings.TrimSuffix(filepath.Base(info), ".info"))
	}
	return os.WriteFile(filepath.Join(versions, "list"), []byte(names.String()), 0o644)
}
