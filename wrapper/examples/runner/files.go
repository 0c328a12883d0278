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

// fileError names a file as the command line does, whatever file err is about, and says what to do.
func fileError(flag, path string, err error) error {
	var inPath *fs.PathError
	var inLink *os.LinkError
	if errors.As(err, &inPath) {
		err = inPath.Err
	} else if errors.As(err, &inLink) {
		err = inLink.Err
	}
	todo := ""
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, errWindowsDiskFull):
		todo = "; make room on the disk"
	case errors.Is(err, fs.ErrPermission):
		todo = "; give a file in a directory that you may write to"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		todo = "; make the directory, or give a file elsewhere"
	}
	return fmt.Errorf("%s %s: %w%s", flag, path, err, todo)
}

const errWindowsDiskFull = syscall.Errno(112) // no error of files elsewhere

// tryDir finds out whether a file can be made beside path.
func tryDir(flag, path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".try-*")
	if err != nil {
		return fileError(flag, path, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// syncDir makes the name of a new file outlast a power cut, if the file system can do that. Windows does so by itself;
// CIFS, SMB and DrvFs refuse it.
func syncDir(path string) {
	if runtime.GOOS == "windows" {
		return
	}
	if dir, err := os.Open(path); err == nil { //nolint:gosec // G304: the user names it
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// sameFile reports whether two paths lead to one file, which need not exist yet.
func sameFile(a, b string) bool {
	same := func(a, b string) bool {
		ia, errA := os.Stat(a)
		ib, errB := os.Stat(b)
		return errA == nil && errB == nil && os.SameFile(ia, ib)
	}
	return same(a, b) || a != "" && filepath.Base(a) == filepath.Base(b) && same(filepath.Dir(a), filepath.Dir(b))
}
