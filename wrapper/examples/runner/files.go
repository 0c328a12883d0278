package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// fileCause returns what was wrong, without the name of the file, which may be that of a temporary one.
func fileCause(err error) error {
	var inPath *fs.PathError
	var inLink *os.LinkError
	switch {
	case errors.As(err, &inPath):
		return inPath.Err
	case errors.As(err, &inLink):
		return inLink.Err
	default:
		return err
	}
}

const errWindowsDiskFull = syscall.Errno(112) // on other systems no file operation returns it

// fileError is the error of a file that flag names. It says what to do.
func fileError(flag, path string, err error) error {
	err = fileCause(err)
	remedy := ""
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, errWindowsDiskFull):
		remedy = "; make room on the disk"
	case errors.Is(err, fs.ErrPermission):
		remedy = "; give a file in a directory that you may write to"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		remedy = "; make the directory, or give a file elsewhere"
	}
	return fmt.Errorf("%s %s: %w%s", flag, path, err, remedy)
}

// checkDir returns an error if no file can be made beside path.
func checkDir(flag, path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".try-*")
	if err != nil {
		return fileError(flag, path, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// syncDir makes the name of a new file survive a power cut. Windows does so by itself. Errors are ignored, because CIFS, SMB
// and DrvFs cannot sync a directory.
func syncDir(path string) {
	if runtime.GOOS == "windows" {
		return
	}
	if dir, err := os.Open(path); err == nil { //nolint:gosec // G304: the user names it
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// sameFile reports whether two paths name one file, which need not exist yet.
func sameFile(a, b string) bool {
	if infoA, err := os.Stat(a); err == nil {
		infoB, err := os.Stat(b)
		return err == nil && os.SameFile(infoA, infoB)
	}
	return a != "" && b != "" && filepath.Base(a) == filepath.Base(b) && sameFile(filepath.Dir(a), filepath.Dir(b))
}
