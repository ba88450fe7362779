// Entry of every page. Order matters only for glue: htmx must be configured before it starts.
import "./glue.js";
import "bootstrap/js/dist/dropdown";
import "./nav.js";
import "./toast.js";
import "./dialog.js";
import "./forms.js";
import "./search.js";
import "./keys.js";
import "./bulk.js";
import "./upload.js";
import "./photos.js";
import "./outcomes.js";
import "./drafts.js";
import "./today.js";
import "./split.js";
