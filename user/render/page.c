// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fixed parts of the format html as bytes of their files. The paths are
 * relative to the top of the source tree, where the compiler runs; the build
 * makes this object depend on the files.
 */
#include "page.h"

#ifndef LK_PAGE_PATH
#define LK_PAGE_PATH "user/render/html/"
#endif

#define INCLUDE(file) ".incbin \"" LK_PAGE_PATH file "\"\n"
#define EMBED(symbol, bytes)				\
	__asm__(".pushsection .rodata\n"		\
		".globl " #symbol "\n"			\
		".type " #symbol ", %object\n"		\
		#symbol ":\n"				\
		bytes					\
		".byte 0\n"				\
		".size " #symbol ", . - " #symbol "\n"	\
		".popsection\n")

EMBED(page_html, INCLUDE("page.html"));
EMBED(page_css, INCLUDE("page.css"));
/* One script; its digest in the Makefile is of the same files in the same order. */
EMBED(page_js, INCLUDE("base.js") INCLUDE("findings.js") INCLUDE("layout.js") INCLUDE("model.js")
      INCLUDE("graph.js") INCLUDE("graph_panel.js") INCLUDE("tables.js") INCLUDE("main.js"));
