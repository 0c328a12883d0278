#!/usr/bin/env bash
# What changed since a git ref, as Markdown, breaking changes first.
#
#	api/review.sh spec BASE      the spec; exit status 1 where a change breaks callers
#	api/review.sh go BASE        the exported Go API; exit status 1 also where the module does not build
#	api/review.sh all BASE       both, the generator's settings, gen/, what is left to do by hand, and a verdict;
#	                             exit status 1 where something is left to do or could not be compared
#	api/review.sh version BASE   exit status 1 where a change breaks callers and info.version has not moved
#
# A change is a line: its level (major, minor or patch), a tab, what it is.
set -euo pipefail
cd "$(dirname "$0")/.."
oasdiff() { go run github.com/oasdiff/oasdiff@v1.36.0 "$@"; }
apidiff() { go run golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e "$@"; }
what=$1 base=$2
spec=api/openapi.yaml
settings=(api/overlay.yaml api/codegen-client.yaml api/codegen-models.yaml api/imports.tmpl generate.go)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

git rev-parse --quiet --verify "$base^{commit}" >/dev/null || {
	echo "$base is no commit of this repository; give one, for instance make review BASE=HEAD~3" >&2
	exit 2
}
if ! git cat-file -e "$base:$spec" 2>/dev/null || ! git cat-file -e "$base:go.mod" 2>/dev/null; then
	echo "$base has no $spec and go.mod to compare with"
	exit 0
fi

version() { sed -n '/^info:/,/^[a-z]*:$/s/^  version: *//p'; }

# spec_changes reads oasdiff's list of changes, which has each once for each media type, and its bare
# differences for what the list leaves out: servers and the error codes, to which nothing refers.
spec_changes() {
	oasdiff changelog --format singleline --severity-levels api/severity.txt "$base:$spec" $spec >"$tmp/changelog"
	oasdiff diff --unmatch-path . --exclude-elements endpoints,description,examples,extensions \
		"$base:$spec" $spec >"$tmp/differences"
	{
		sed -En -e '/\[api-[a-z-]*version-/d' -e 's/ \(media type: [^)]*\)//' -e 's/ \[[a-z0-9-]+\]\.?( .*)?$//' \
			-e 's/, in (API )?([A-Z]+ [^ ]+|[^ ]+)/\t\2:/' \
			-e 's/^(error|warning)[^\t]*/major/p; s/^info[^\t]*/minor/p' "$tmp/changelog"
		awk '{ depth = (match($0, /[^ ]/) - 1) / 4; path[depth] = $1 }
			path[0] == "servers:" && $1 == "-" {
				print (path[1] == "deleted:" ? "major\tserver removed: " : "minor\tserver added: ") $2
			}
			path[3] == "ErrorCode:" && path[4] == "enum:" && $1 == "-" {
				print (path[5] == "deleted:" ? "major\terror code removed: " : "minor\terror code added: ") $2
			}' "$tmp/differences"
	} | sort -u >"$tmp/spec"
	if [ ! -s "$tmp/spec" ] && ! git diff --quiet "$base" -- $spec; then
		printf 'patch\ttexts, examples or the version alone\n' >"$tmp/spec"
	fi
}

# go_changes compares the whole module where it builds, else package gen alone. The interfaces of gen are
# said to grow with every operation, so a method added to them breaks no promise.
go_changes() {
	local module; module=$(go list -m)
	mkdir "$tmp/base"
	git archive "$base" | tar -x -C "$tmp/base"
	if [ ! -s "$tmp/build" ]; then
		(cd "$tmp/base" && apidiff -m -w "$tmp/old" "$module") && apidiff -m "$tmp/old" "$module"
	else
		(cd "$tmp/base" && apidiff -w "$tmp/old" "$module/gen") && apidiff "$tmp/old" "$module/gen"
	fi >"$tmp/api" 2>"$tmp/log" || { grep -v '^Ignoring internal' "$tmp/log" >&2; return 1; }
	awk '/^Incompatible changes:/ { level = "major" } /^Compatible changes:/ { level = "minor" }
		/^- / { print (/ClientInterface\.[A-Za-z]*: added|ClientWithResponsesInterface\.[A-Za-z]*: added/ ? "minor" : level) "\t" substr($0, 3) }' \
		"$tmp/api" | sort -u >"$tmp/go"
}

# by_hand lists what the tests of the contract say: the lines that end with the file to edit, then the other tests.
by_hand() {
	go test ./wrapper/internal/contract >"$tmp/contract" 2>&1 && return
	awk 'function flush() { if (test && !said) others = others " " test }
		/^--- FAIL:/ { flush(); test = $3; said = 0 }
		/_test\.go:[0-9]+: .*\.(go|md|yaml)$/ { sub(/^[^:]*:[0-9]+: /, "- "); if (!seen[$0]++) print; said = 1 }
		END { flush(); if (others) print "- these fail:" others }' "$tmp/contract" >"$tmp/hand"
	[ -s "$tmp/hand" ] || fenced text <"$tmp/contract" >"$tmp/hand"
	return 1
}

list() { sed -E 's/^([a-z]+)\t(.*)/- **\1**: \2/' "$1"; [ -s "$1" ] || echo "No changes."; }
breaks() { grep -q '^major' "$@"; }
fenced() { echo "\`\`\`$1"; cat; echo '```'; }

review() {
	local current=true compared=true api=true hand=true
	"${MAKE:-make}" --no-print-directory generate-check >"$tmp/generate" 2>&1 & local generating=$!
	spec_changes 2>"$tmp/oasdiff" & local comparing=$!
	go build ./... 2>"$tmp/build" || api=false
	go_changes 2>"$tmp/apidiff" & local diffing=$!
	$api && by_hand || hand=false
	wait $generating || current=false
	wait $comparing || compared=false
	wait $diffing || api=false

	echo "## Spec, $(git show "$base:$spec" | version) to $(version <$spec)"
	if $compared; then list "$tmp/spec"; else fenced text <"$tmp/oasdiff"; fi
	if ! git diff --quiet "$base" -- "${settings[@]}"; then
		echo; echo "## Generator"
		git diff "$base" -- "${settings[@]}" | fenced diff
	fi
	echo; echo "## Generated code"
	git diff --stat "$base" -- gen | fenced text
	$current || fenced text <"$tmp/generate"
	echo; echo "## Exported Go API"
	[ ! -s "$tmp/build" ] || { echo "The build fails, so package gen alone is compared."; fenced text <"$tmp/build"; }
	if [ -e "$tmp/go" ]; then list "$tmp/go"; else fenced text <"$tmp/apidiff"; fi
	echo; echo "## By hand"
	if [ -s "$tmp/build" ]; then
		echo "Not checked: the build fails, as above."
	elif $hand; then
		echo "Nothing: the tests of wrapper/internal/contract pass."
	else
		cat "$tmp/hand"
	fi
	echo
	verdict
	$current && $compared && $api && $hand
}

# verdict is the highest level among the changes, with some that have it.
verdict() {
	local level=none note=
	$compared || { echo "## Verdict: unknown, because the spec could not be compared"; return; }
	[ -e "$tmp/go" ] || note=", as far as the spec tells"
	[ ! -s "$tmp/build" ] || note=", as far as spec and package gen tell"
	cat "$tmp/spec" "$tmp/go" 2>/dev/null | sort -s -k 1,1 >"$tmp/all" || true
	if [ -s "$tmp/all" ]; then
		level=$(head -n 1 "$tmp/all" | cut -f 1)
	elif ! git diff --quiet "$base" -- gen "${settings[@]}"; then
		level=patch
	fi
	echo "## Verdict: $level$note"
	awk -F '\t' -v level="$level" '$1 == level && ++n <= 5 { print "- " $2 } END { if (n > 5) print "- and " n - 5 " more" }' "$tmp/all"
}

case $what in
spec)
	spec_changes
	list "$tmp/spec"
	! breaks "$tmp/spec"
	;;
go)
	go build ./... 2>"$tmp/build" || cat "$tmp/build" >&2
	go_changes
	list "$tmp/go"
	! breaks "$tmp/go" && [ ! -s "$tmp/build" ]
	;;
all)
	review
	;;
version)
	spec_changes
	go build ./... 2>"$tmp/build" || cat "$tmp/build" >&2
	go_changes
	cat "$tmp/spec" "$tmp/go" >"$tmp/all"
	list "$tmp/all"
	if breaks "$tmp/all" && [ "$(version <$spec)" = "$(git show "$base:$spec" | version)" ]; then
		echo "info.version in $spec has not moved, and callers break" >&2
		exit 1
	fi
	;;
esac
