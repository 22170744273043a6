PROGRAMS += vdomains/vadddomain vdomains/vaddaliasdomain vdomains/vdeldomain vdomains/vadduser
LIBS_vdomains/vadddomain = -l:libcdb.a -lcrypt
LIBS_vdomains/vaddaliasdomain = -l:libcdb.a
LIBS_vdomains/vdeldomain = -l:libcdb.a
LIBS_vdomains/vadduser = -l:libcdb.a -lcrypt
