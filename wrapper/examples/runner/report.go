package runner

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/sys/atomicwriter"
)

// report is the file with the outcome of each item. The nil report is none.
type report struct {
	path   string    // of a regular file, made at the end
	stream io.Writer // standard output, a pipe or a device instead
	opened *os.File  // the pipe or device
}

// openReport finds out whether the report can be written, and leaves no trace.
func (r *run[O]) openReport() error {
	path := r.opts.Report
	if path == "" {
		return nil
	}
	for _, other := range append(r.input.read, r.opts.Journal) {
		if sameFile(path, other) {
			return fmt.Errorf("the report would overwrite %s; give another --report", other)
		}
	}
	info, err := os.Stat(path)
	switch {
	case path == "-" || err == nil && isStream(r.env.Stdout, info):
		r.report = &report{stream: r.env.Stdout}
		return nil
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fileError("--report", path, err)
	case info.IsDir():
		return fmt.Errorf("%s is a directory; give a file as --report", path)
	case !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // G304: the user names the file
		r.report = &report{stream: f, opened: f}
		return err
	case !looksLikeReport(path):
		return fmt.Errorf("%s is no report of an earlier run; give another --report", path)
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return fileError("--report", path, err)
		}
	}
	r.report = &report{path: path}
	return tryDir("--report", path)
}

// looksLikeReport reports whether a file is a report that may be put aside, perhaps saved anew by a spreadsheet, or empty.
func looksLikeReport(path string) bool {
	f, err := os.Open(path) //nolint:gosec // G304: the user names the file
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	start, err := io.ReadAll(io.LimitReader(f, 64<<10))
	return err == nil && (len(start) == 0 || bytes.Contains(start, []byte("request_id")))
}

func isStream(stream any, info fs.FileInfo) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	own, err := f.Stat()
	return err == nil && os.SameFile(own, info)
}

// begin puts the report of an earlier run aside: should this run end without one, the old one would look like it.
// It returns the name that the earlier report has from then on, "" if there is none.
func (r *report) begin() (aside string, err error) {
	if r == nil || r.path == "" {
		return "", nil
	}
	if _, err := os.Lstat(r.path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	for n := 1; ; n++ {
		aside = fmt.Sprintf("%s.%d", r.path, n)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err := os.Rename(r.path, aside); err != nil {
		return "", fileError("--report", r.path, err)
	}
	return aside, nil
}

// Close closes a pipe or device, to which all has been written without buffering.
func (r *report) Close() {
	if r != nil && r.opened != nil {
		_ = r.opened.Close()
	}
}

// saveReport writes the report. Its error says what a repetition of the command would do.
func (r *run[O]) saveReport() error {
	if r.report == nil {
		return nil
	}
	err := r.writeReport()
	switch {
	case err == nil:
		return nil
	case r.journal != nil:
		return fmt.Errorf("%w\nThe same command writes the report and repeats nobody who is out", fileError("--report", r.opts.Report, err))
	}
	return fmt.Errorf("%w\nThe same command would begin anew, because there is no --journal: take the results from the lines above", fileError("--report", r.opts.Report, err))
}

// writeReport writes the report. A file takes its name when it is whole and on the disk.
func (r *run[O]) writeReport() error {
	if r.report.stream != nil {
		return r.writeCSV(r.report.stream)
	}
	f, err := atomicwriter.New(r.report.path, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(r.writeCSV(f), f.Close()); err != nil {
		return err
	}
	syncDir(filepath.Dir(r.report.path))
	return nil
}
