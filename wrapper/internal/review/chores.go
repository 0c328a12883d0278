package main

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
)

// Where the work is.
const (
	specFile     = "api/openapi.yaml"
	modelsFile   = "gen/models.gen.go"
	codesFile    = "wrapper/code.go"
	methodsFile  = "wrapper/session.go"
	bodiesFile   = "wrapper/body.go"
	answersFile  = "wrapper/response.go"
	fakeFile     = "wrapper/slacktest/arguments.go"
	contractFile = "wrapper/internal/contract/traffic_test.go"
	readmeFile   = "README.md"
)

// leftOut is the request field that no option sets, on purpose: the token travels in the Authorization
// header alone.
const leftOut = "token"

// project is the spec and what is to follow it.
type project struct {
	spec      *spec
	models    models
	wrapper   source
	fake      source
	arguments source // of the fake's methods
	contract  source
	readme    string
}

func read(dir fs.FS) (p project, err error) {
	if p.spec, err = readSpec(dir); err != nil {
		return p, err
	}
	gen, err := readFiles(dir, modelsFile)
	if err != nil {
		return p, err
	}
	p.models = gen.models()
	if p.wrapper, err = readPackage(dir, "wrapper"); err != nil {
		return p, err
	}
	if p.fake, err = readPackage(dir, "wrapper/slacktest"); err != nil {
		return p, err
	}
	if p.arguments, err = readFiles(dir, fakeFile); err != nil {
		return p, err
	}
	if p.contract, err = readFiles(dir, contractFile); err != nil {
		return p, err
	}
	readme, err := fs.ReadFile(dir, readmeFile)
	p.readme = string(readme)
	return p, err
}

// list is the lines to print.
type list []string

func (l *list) add(file, format string, a ...any) {
	*l = append(*l, file+": "+fmt.Sprintf(format, a...))
}

// chores are what is to be done by hand, in the order of the work.
func (p project) chores() []string {
	var todo list
	p.describe(&todo)
	p.generate(&todo)
	p.decideOnCodes(&todo)
	p.setFields(&todo)
	p.readAnswers(&todo)
	p.follow(&todo, fakeFile, "the fake does not know", p.fake, p.arguments)
	p.follow(&todo, contractFile, "no call shows", p.contract, p.contract)
	p.tabulate(&todo)
	return todo
}

func (p project) describe(todo *list) {
	for _, code := range p.spec.codes {
		if p.spec.meanings[code] == nil {
			todo.add(specFile, "%s has no meaning under x-enumDescriptions", code)
		}
	}
	for _, m := range p.spec.methods {
		if m.schema == "" {
			todo.add(specFile, "the request of %s has no schema under components; name one", m.name)
		}
		for _, code := range m.codes {
			if !slices.Contains(p.spec.codes, code) && !p.spec.answers[code] {
				todo.add(specFile, "%s of %s is not in ErrorCode", code, m.name)
			}
		}
	}
}

func (p project) generate(todo *list) {
	for _, m := range p.spec.methods {
		for _, f := range m.fields {
			if m.schema != "" && p.models.fields[m.schema][f] == "" {
				todo.add(modelsFile, "%s has no %s; run go generate ./...", m.schema, f)
			}
		}
	}
}

// decideOnCodes takes a code without a constant for one on which nobody has decided yet.
func (p project) decideOnCodes(todo *list) {
	constants := p.wrapper.codes()
	for _, code := range p.spec.codes {
		if constants[code] == "" {
			todo.add(codesFile, "%s has no constant", code)
			todo.add(codesFile, "decide in concerns what %s says about calls to come, and in retry.go whether it leaves the outcome unknown", code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(constants)) {
		if !slices.Contains(p.spec.codes, code) {
			todo.add(codesFile, "%s is not in the spec; to remove it breaks callers", constants[code])
		}
	}
}

func (p project) setFields(todo *list) {
	sets := p.wrapper.sets(p.models)
	for _, m := range p.spec.methods {
		called := p.wrapper.knows(m.name)
		if !called {
			todo.add(methodsFile, "%s has no method on Client, and no options", m.name)
		}
		for _, f := range m.fields {
			name := p.models.fields[m.schema][f]
			if f == leftOut || name == "" || sets[field{m.schema, name}] {
				continue
			}
			if called {
				todo.add(bodiesFile, "no option sets %s of %s", f, m.name)
			}
			if slices.Contains(m.lists, f) {
				todo.add(bodiesFile, "in a form, gen sends %[1]s of %[2]s as %[1]s[0]=, %[1]s[1]=; check that Slack takes it", f, m.name)
			}
		}
	}
}

func (p project) readAnswers(todo *list) {
	for _, f := range slices.Sorted(maps.Keys(p.spec.answers)) {
		if !p.wrapper.knows(f) {
			todo.add(answersFile, "nothing reads %s of an answer; callers find it in Response.Fields alone", f)
		}
	}
}

// follow adds the methods and fields that do not occur where they should. It looks for names alone: a
// field that another method has already is not missed.
func (p project) follow(todo *list, file, problem string, methods, fields source) {
	for _, m := range p.spec.methods {
		if !methods.knows(m.name) {
			todo.add(file, "%s %s", problem, m.name)
			continue
		}
		for _, f := range m.fields {
			if f != leftOut && !fields.knows(f) {
				todo.add(file, "%s %s of %s", problem, f, m.name)
			}
		}
	}
}

// tabulate adds the fields that no table in the README has a row for.
func (p project) tabulate(todo *list) {
	for _, m := range p.spec.methods {
		for _, f := range m.fields {
			row := regexp.MustCompile("(?m)^\\|.*`" + regexp.QuoteMeta(f) + "`")
			if f != leftOut && !row.MatchString(p.readme) {
				todo.add(readmeFile, "no row of a table has %s of %s", f, m.name)
			}
		}
	}
}
