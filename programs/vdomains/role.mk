PROGRAMS += vdomains/vaddaliasdomain vdomains/vdeldomain
LIBS_vdomains/vaddaliasdomain = -l:libcdb.a
LIBS_vdomains/vdeldomain = -l:libcdb.a
