"""What arrived at the local provider, in memory and on disk, one JSON object a line."""

import json
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Arrivals:
    """Everything that arrived, in memory and on disk."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / "arrived.jsonl"
        self._lock = threading.Lock()
        self._items: list[dict[str, Any]] = []
        self._by_key: dict[str, dict[str, Any]] = {}
        if self._file.exists():
            for line in self._file.read_text("utf-8").splitlines():
                self._remember(json.loads(line))
        self._out = self._file.open("a", encoding="utf-8")

    def _remember(self, item: dict[str, Any]) -> None:
        self._items.append(item)
        if item.get("out_id"):
            self._by_key.setdefault(item["out_id"], item)

    def add(self, item: dict[str, Any], *, once: bool) -> dict[str, Any]:
        """Keep a message; with `once`, a key seen before returns the earlier message instead."""
        with self._lock:
            if once and item.get("out_id") in self._by_key:
                return self._by_key[item["out_id"]]
            item = {**item, "at": datetime.now(UTC).isoformat(), "biz_id": uuid.uuid4().hex}
            self._out.write(json.dumps(item, ensure_ascii=False) + "\n")
            self._out.flush()
            self._remember(item)
            return item

    def found(self, out_id: str) -> dict[str, Any] | None:
        """The first message with this key."""
        return self._by_key.get(out_id)

    def newest(self, *, office: str, limit: int) -> list[dict[str, Any]]:
        """The latest messages, newest first; `office` is an office's number or its signature."""
        with self._lock:
            items = [i for i in self._items if not office or office in {i.get("office"), i.get("sign")}]
        return items[::-1][: max(0, limit)]
