#!/usr/bin/env bash
# What changed since a git ref, as Markdown, breaking changes first.
#
#	api/review.sh spec BASE      the spec; exit status 1 if a change breaks callers
#	api/review.sh go BASE        the exported Go API; exit status 1 also if the module does not build
#	api/review.sh all BASE       both, the generator's settings, gen/, what is left to do by hand, and a verdict;
#	                             exit status 1 if something is left to do or could not be compared
#	api/review.sh version BASE   exit status 1 if a change breaks callers and info.version has not moved
#
# A change that breaks callers is major, an addition minor, a text patch.
set -euo pipefail
cd "$(dirname "$0")/.."
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
. api/changes.sh

# new_fields shows the documentation of new struct fields: what the spec, or an option, says that an argument does.
new_fields() {
	sed -nE 's/^minor\t\.\/(gen|wrapper)\.([A-Za-z]+\.[A-Za-z]+): added$/\1 \2/p' "$tmp/go" | while read -r package name; do
		go doc "./$package" "$name" | sed -n -e 's/ *$//' -e '/^type .* struct {$/,$p'
	done
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
	local level; level=$(highest)
	if breaks "$tmp/all" || ! git diff --quiet "$base" -- $spec; then
		local due; due=$(due "$level")
		if [ "$(larger "$due" "$(version_now)")" != "$(version_now)" ]; then
			echo "- info.version is $(version_now), and $due is due: $spec" >>"$tmp/hand"
			hand=false
		fi
	fi

	echo "## Spec, $(version_then) to $(version_now)"
	if $compared; then list "$tmp/spec"; else fenced text <"$tmp/oasdiff"; fi
	if ! git diff --quiet "$base" -- "${settings[@]}"; then
		echo; echo "## Generator"
		git diff "$base" -- "${settings[@]}" | fenced diff
	fi
	echo; echo "## Generated code"
	if git diff --quiet "$base" -- gen; then echo "No changes."; else git diff --stat "$base" -- gen | fenced text; fi
	$current || fenced text <"$tmp/generate"
	echo; echo "## Exported Go API"
	[ ! -s "$tmp/build" ] || { echo "The build fails, so package gen alone is compared."; fenced text <"$tmp/build"; }
	if [ -e "$tmp/go" ]; then list "$tmp/go"; new_fields >"$tmp/fields"; else fenced text <"$tmp/apidiff"; fi
	[ ! -s "$tmp/fields" ] || { echo; fenced go <"$tmp/fields"; }
	echo; echo "## By hand"
	if [ -s "$tmp/build" ]; then
		echo "- Make it build. The tests of wrapper/internal/contract then list the rest."
	elif $hand; then
		echo "Nothing: the tests of wrapper/internal/contract pass."
	fi
	cat "$tmp/hand" 2>/dev/null || true
	echo; echo "## Verdict: $(verdict "$level")"
	$current && $compared && $api && $hand
}

# highest is the highest level among the changes.
highest() {
	cat "$tmp/spec" "$tmp/go" 2>/dev/null | sort -s -k 1,1 >"$tmp/all" || true
	if [ -s "$tmp/all" ]; then
		head -n 1 "$tmp/all" | cut -f 1
	elif git diff --quiet "$base" -- gen "${settings[@]}"; then
		echo none
	else
		echo patch
	fi
}

verdict() {
	if ! $compared; then
		echo "unknown, because the spec could not be compared"
	elif [ -s "$tmp/build" ]; then
		echo "$1, judging by the spec and package gen"
	elif [ ! -e "$tmp/go" ]; then
		echo "$1, judging by the spec"
	else
		echo "$1"
	fi
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
	if breaks "$tmp/all" && [ "$(version_now)" = "$(version_then)" ]; then
		echo "info.version in $spec is still $(version_now), and callers break: $(due major) is due" >&2
		exit 1
	fi
	;;
esac
