package runner

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// report is the file that tells what became of each item. The nil report is none.
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
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory; give a file as --report", path)
	case !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // G304: the user names the file
		r.report = &report{stream: f, opened: f}
		return err
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	r.report = &report{path: path}
	return tryDir(filepath.Dir(path))
}

func isStream(stream any, info fs.FileInfo) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	own, err := f.Stat()
	return err == nil && os.SameFile(own, info)
}

func sameFile(a, b string) bool {
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}

// begin puts the report of an earlier run aside: should this run end without one, the old one would look like it.
func (r *report) begin() error {
	if r == nil || r.path == "" {
		return nil
	}
	if err := os.Rename(r.path, r.path+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Close closes a pipe or device, to which all has been written without buffering.
func (r *report) Close() {
	if r != nil && r.opened != nil {
		_ = r.opened.Close()
	}
}

// saveReport writes the report, which takes its name when it is whole and on the disk.
func (r *run[O]) saveReport() (err error) {
	switch {
	case r.report == nil:
		return nil
	case r.report.stream != nil:
		err = r.writeCSV(r.report.stream)
	default:
		err = r.report.replace(r.writeCSV)
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func (r *report) replace(write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(r.path), filepath.Base(r.path)+".*")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), r.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(r.path))
}

// reportColumns come after those of the list.
var reportColumns = []string{"status", "reason", "error", "attempts", "request_id", "time"}

// header is the report's, in which no two columns are called the same.
func header(list []string) []string {
	header := slices.Clone(list)
	for i, name := range header {
		if slices.ContainsFunc(reportColumns, func(own string) bool { return strings.EqualFold(own, strings.TrimSpace(name)) }) {
			header[i] = "list_" + name
		}
	}
	return append(header, reportColumns...)
}

// writeCSV writes a line for each item: the columns of the list, and what became of the item.
func (r *run[O]) writeCSV(to io.Writer) error {
	buffer := bufio.NewWriter(to)
	w := csv.NewWriter(buffer)
	write := func(cells []string) error {
		for i, cell := range cells {
			cells[i] = harmless(cell)
		}
		return w.Write(cells)
	}
	if err := write(header(r.list.Header)); err != nil {
		return err
	}
	for i, item := range r.list.Items {
		o := r.told(i)
		attempts := ""
		if o.Attempts > 0 {
			attempts = strconv.Itoa(o.Attempts)
		}
		if err := write(slices.Concat(item.Columns, []string{string(o.Status), o.Reason, o.Error, attempts, o.RequestID, o.when()})); err != nil {
			return err
		}
	}
	w.Flush()
	return errors.Join(w.Error(), buffer.Flush())
}

func (o outcome) when() string {
	if o.Time.IsZero() {
		return ""
	}
	return o.Time.UTC().Format(time.RFC3339)
}

// formula is what begins a formula where a cell begins, or may begin in a spreadsheet that separates otherwise.
var formula = regexp.MustCompile(`(^|[;\t\r\n])([ "]*[=+\-@＝＋－＠])`)

// harmless keeps a spreadsheet from taking a cell for a formula: names and titles in a list may be chosen by
// the very people who are to be signed out. Numbers stay as they are.
func harmless(cell string) string {
	if !strings.ContainsAny(cell, "=+-@\t\r\n＝＋－＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	if strings.IndexAny(cell, "\t\r\n") == 0 {
		cell = "'" + cell
	}
	return formula.ReplaceAllString(cell, "$1'$2")
}
