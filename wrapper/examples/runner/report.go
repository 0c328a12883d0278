package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/sys/atomicwriter"
)

// checkReport checks before the question that the report can be written, and leaves no trace.
func (r *run[O]) checkReport() error {
	path := r.opts.Report
	if path == "" || path == "-" {
		return nil
	}
	for _, other := range append(r.input.opened, r.opts.Journal) {
		if sameFile(path, other) {
			return fmt.Errorf("the report would overwrite %s; give another --report", other)
		}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.reportFile = path
	case err != nil:
		return fileError("--report", path, err)
	case info.IsDir():
		return fmt.Errorf("%s is a directory; give a file as --report", path)
	case !info.Mode().IsRegular():
		return nil // a pipe or a device
	default:
		if r.reportFile, err = filepath.EvalSymlinks(path); err != nil {
			return fileError("--report", path, err)
		}
	}
	return checkDir("--report", r.reportFile)
}

// keepOldReport renames an older report, which would look like that of this run if this run ended without one.
func (r *run[O]) keepOldReport() error {
	missing := func(path string) bool {
		_, err := os.Lstat(path)
		return errors.Is(err, fs.ErrNotExist)
	}
	if r.reportFile == "" || missing(r.reportFile) {
		return nil
	}
	kept := ""
	for n := 1; kept == "" || !missing(kept); n++ {
		kept = fmt.Sprintf("%s.%d", r.reportFile, n)
	}
	if err := os.Rename(r.reportFile, kept); err != nil {
		return fileError("--report", r.opts.Report, err)
	}
	fmt.Fprintf(r.info, "The older %s is kept as %s.\n", r.opts.Report, kept)
	return nil
}

// writeReport writes the report. The error says what the same command would do.
func (r *run[O]) writeReport() error {
	var err error
	switch {
	case r.opts.Report == "":
		return nil
	case r.opts.Report == "-":
		err = r.writeCSV(r.env.Stdout)
	case r.reportFile != "":
		err = r.writeReportFile()
	default:
		var pipe *os.File
		if pipe, err = os.OpenFile(r.opts.Report, os.O_WRONLY, 0); err == nil {
			err = errors.Join(r.writeCSV(pipe), pipe.Close())
		}
	}
	switch {
	case err == nil:
		return nil
	case r.journal != nil:
		return fmt.Errorf("%w\nThe same command writes the report, and makes no call for those who are out", fileError("--report", r.opts.Report, err))
	default:
		return fmt.Errorf("%w\nThe same command would begin anew, because there is no --journal: take the results from the lines above", fileError("--report", r.opts.Report, err))
	}
}

// writeReportFile writes the report to a file that gets its name when it is complete and on the disk.
func (r *run[O]) writeReportFile() error {
	f, err := atomicwriter.New(r.reportFile, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(r.writeCSV(f), f.Close())
}
