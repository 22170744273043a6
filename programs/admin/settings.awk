# The text table of settings, programs/admin/settings, as arrays in C for control_table.h. A stanza that is not whole, or
# has a word nobody knows, ends the build; what the compiler can see, it sees.
#
# Why not read at run time: qmail-showctl must tell what is wrong with an installation, also when files are missing.

BEGIN {
  RS = ""; FS = "\n"
  split("one line,number,list,map,secrets,text,cdb", names, ",")
  split("LINE,NUMBER,NAMES,MAP,SECRETS,TEXT,CDB", forms, ",")
  for (i in names) form[names[i]] = "FORM_" forms[i]
  split("file,kind,default,most,read by,change,judge,meaning,shown,unset,origin,variable,set by", words, ",")
  for (i in words) known[words[i]] = 1
  print "/* Made of programs/admin/settings. */\n\n#include \"control_table.h\"\n\nchar const ABSENT_ME[] = \"me\";\n"
  print "struct control_file const control_files[] = {"
}

{
  split("", is)
  for (i = 1; i <= NF; i++) {
    if ($i ~ /^#/) continue
    word = substr($i, 1, 9); sub(/ +$/, "", word)
    if (!(word in known) || word in is || substr($i, 10, 1) != " ") fail($i)
    is[word] = substr($i, 11)
  }
  if ("file" in is) file()
  else if ("variable" in is) variable()
  else if (!is_comment()) fail($1)
}

END {
  if (failed) exit 1
  print "  { 0 }\n};\n\nsize_t const control_file_count = sizeof control_files / sizeof *control_files - 1;\n"
  print "char const *const known_variables[] = {\n" by_env "  0\n};\n\nchar const *const rule_variable_names[] = {\n" by_rules "  0\n};"
}

function is_comment(    w) { for (w in is) return 0; return 1 }
function fail(line) { print "programs/admin/settings: bad line: " line > "/dev/stderr"; failed = 1; exit 1 }
function need(word) { if (!(word in is)) fail($1 " has no line: " word) }
function text(s) { if (index(s, "\\")) fail(s); gsub(/"/, "\\\"", s); return "\"" s "\"" }
function or_null(word) { return word in is ? text(is[word]) : "0" }

function file(    at, before, after, absent) {
  need("kind"); need("default"); need("read by"); need("change"); need("meaning")
  if (!(is["kind"] in form)) fail("kind " is["kind"])
  if ("origin" in is && is["origin"] != "mailtree") fail("origin " is["origin"])
  at = "shown" in is ? index(is["shown"], "*") : 0
  if ("shown" in is && !at) fail("shown " is["shown"])
  before = at ? substr(is["shown"], 1, at - 1) : ""; after = at ? substr(is["shown"], at + 1) : ""
  absent = is["default"] == "none" ? "0" : is["default"] == "me" ? "ABSENT_ME" : text(is["default"])
  printf "  { %s, %s, %s, %s, %s,\n    %s, %s, %s,\n    %s,\n    %s, %s, %s },\n", text(is["file"]),
    "origin" in is ? "OF_OURS" : "OF_FAMILY", form[is["kind"]], absent, "most" in is ? is["most"] : "0",
    "judge" in is ? "judge_" is["judge"] : "0", text(is["change"]), text(is["read by"]), text(is["meaning"]),
    text(before), text(after), or_null("unset")
}

function variable(    n, name, i) {
  need("set by"); need("read by"); need("meaning")
  if (is["set by"] !~ /^(rules|env|others)$/) fail("set by " is["set by"])
  n = split(is["variable"], name, ", ")
  for (i = 1; i <= n; i++) {
    if (is["set by"] != "others") by_env = by_env "  " text(name[i]) ",\n"
    if (is["set by"] == "rules") by_rules = by_rules "  " text(name[i]) ",\n"
  }
}
