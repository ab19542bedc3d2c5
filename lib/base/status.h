/* The public status codes, as the inside of the library names them. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "dragoman/status.h"

#define BASE_CHECK __attribute__((warn_unused_result))

#endif
