/* label-ok: as label-clash, and each loop has a label of its own. */
#define ID "label-ok"
#define LABEL 9
#include "label-clash.c"
