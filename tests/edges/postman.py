"""A minimal SMTP server: real mail over a real connection."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Postman:
    """A minimal SMTP server: it greets, listens, and keeps the letters."""

    letters: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: bool = False
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            writer.write(self._answer(line))
            if line == "data":
                letter = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(letter.decode())
                writer.write(b"250 kept\r\n")
            await writer.drain()
            if line == "quit":
                break
        writer.close()
        await writer.wait_closed()

    def _answer(self, line: str) -> bytes:
        word = line.partition(" ")[0].lower()
        if word == "auth":
            self.logins.append(line)
        if word == "mail" and self.refuses:
            return b"451 later\r\n"
        answers = {
            "ehlo": b"250-here\r\n250 AUTH PLAIN\r\n",
            "auth": b"235 welcome\r\n",
            "data": b"354 go on\r\n",
            "quit": b"221 bye\r\n",
        }
        return answers.get(word, b"250 fine\r\n")
