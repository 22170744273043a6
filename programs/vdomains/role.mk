PROGRAMS += vdomains/vadddomain vdomains/vaddaliasdomain vdomains/vdeldomain vdomains/vadduser vdomains/vdeluser \
  vdomains/vmoduser vdomains/vpasswd vdomains/vsetuserquota vdomains/vmkpasswd
$(foreach program,$(filter vdomains/%,$(PROGRAMS)),$(eval LIBS_$(program) = -l:libcdb.a -lcrypt))
