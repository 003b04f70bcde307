// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON Schema of the format json, as bytes of report.schema.json. The path
 * is relative to the top of the source tree, where the compiler runs; the build
 * makes this object depend on the file.
 */
#include "render.h"

#ifndef LK_SCHEMA_PATH
#define LK_SCHEMA_PATH "user/render/report.schema.json"
#endif

__asm__(".pushsection .rodata\n"
	".globl render_json_schema\n"
	".type render_json_schema, %object\n"
	"render_json_schema:\n"
	".incbin \"" LK_SCHEMA_PATH "\"\n"
	".byte 0\n"
	".size render_json_schema, . - render_json_schema\n"
	".popsection\n");
